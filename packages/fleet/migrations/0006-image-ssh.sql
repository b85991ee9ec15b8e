-- What was seen in an image when it was first used: whether guests made from it have an SSH server.
CREATE TABLE image_ssh (
  fingerprint text PRIMARY KEY, -- of the content: what was seen holds for good
  has_ssh     boolean     NOT NULL,
  seen_at     timestamptz NOT NULL DEFAULT now()
);

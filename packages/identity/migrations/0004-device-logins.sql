-- Logins of programs without a browser: one shows a code, and a person approves it in a browser.
CREATE TABLE device_logins (
  secret_hash bytea PRIMARY KEY, -- what the program asks with
  user_code   text        NOT NULL UNIQUE,
  client_name text        NOT NULL,
  address     text        NOT NULL,
  created_at  timestamptz NOT NULL DEFAULT now(),
  expires_at  timestamptz NOT NULL,
  person_id   uuid REFERENCES people ON DELETE CASCADE -- who approved; null: nobody yet
);

-- Bearer tokens. The secret is kept only as a hash; a row stays after revocation, for names in the history of operations.
CREATE TABLE tokens (
  id           uuid PRIMARY KEY,
  name         text        NOT NULL,
  secret_hash  bytea       NOT NULL UNIQUE, -- SHA-256: the secret has 256 random bits, which need no slow hash
  scopes       text[]      NOT NULL,
  created_at   timestamptz NOT NULL DEFAULT now(),
  created_by   text        NOT NULL,
  expires_at   timestamptz,
  revoked_at   timestamptz,
  last_used_at timestamptz
);
-- Operations and idempotency keys name who asked by the token's name.
CREATE UNIQUE INDEX tokens_name ON tokens (name) WHERE revoked_at IS NULL;

-- One-time codes that are exchanged for an administrator's token.
CREATE TABLE setup_codes (
  code_hash  bytea PRIMARY KEY,
  created_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz NOT NULL,
  used_at    timestamptz
);

-- Open event streams end with their token, in every process.
CREATE FUNCTION tokens_after() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('tokens', OLD.id::text);
  RETURN NULL;
END $$;
CREATE TRIGGER tokens_after AFTER UPDATE OF revoked_at, expires_at, scopes OR DELETE ON tokens
  FOR EACH ROW EXECUTE FUNCTION tokens_after();

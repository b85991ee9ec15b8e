-- People, how they prove who they are, and their sessions.
CREATE TABLE people (
  id                  uuid PRIMARY KEY,
  name                text        NOT NULL, -- what one logs in with, lower case
  display_name        text        NOT NULL,
  email               text,
  status              text        NOT NULL CHECK (status IN ('pending', 'active', 'blocked')),
  created_at          timestamptz NOT NULL DEFAULT now(),
  created_by          text        NOT NULL,
  approved_by         text,
  last_login_at       timestamptz,
  password_phc        text,       -- argon2id, PHC string format; null: no local login by password
  totp_sealed         text,       -- base32 secret
  totp_confirmed_at   timestamptz, -- null while the secret was shown but never proved
  totp_last_step      bigint      -- the 30-second step of the code used last: none is taken twice
);
CREATE UNIQUE INDEX people_name ON people (name);
-- The list of people: pending first, then by name.
CREATE INDEX people_order ON people ((status <> 'pending'), name);

CREATE TABLE recovery_codes (
  person_id uuid  NOT NULL REFERENCES people ON DELETE CASCADE,
  code_hash bytea NOT NULL, -- SHA-256: a code has 80 random bits and is tried under the throttle only
  used_at   timestamptz,
  PRIMARY KEY (person_id, code_hash)
);

CREATE TABLE passkeys (
  id            uuid PRIMARY KEY,
  person_id     uuid        NOT NULL REFERENCES people ON DELETE CASCADE,
  credential_id text        NOT NULL UNIQUE, -- base64url
  public_key    bytea       NOT NULL,        -- COSE
  counter       bigint      NOT NULL,
  transports    text[]      NOT NULL,
  name          text        NOT NULL,
  created_at    timestamptz NOT NULL DEFAULT now(),
  last_used_at  timestamptz
);
CREATE INDEX passkeys_person ON passkeys (person_id);

-- Challenges of passkeys that wait for their answer: each is answered once.
CREATE TABLE passkey_challenges (
  id         uuid PRIMARY KEY,
  person_id  uuid REFERENCES people ON DELETE CASCADE, -- who registers; null: somebody logs in
  challenge  text        NOT NULL,
  expires_at timestamptz NOT NULL
);

CREATE TABLE sessions (
  id           uuid PRIMARY KEY,
  person_id    uuid        NOT NULL REFERENCES people ON DELETE CASCADE,
  secret_hash  bytea       NOT NULL UNIQUE, -- SHA-256 of 256 random bits, which are in the cookie alone
  method       text        NOT NULL, -- password, passkey, set-up, or provider:NAME
  provider_id  uuid,
  created_at   timestamptz NOT NULL DEFAULT now(),
  last_seen_at timestamptz NOT NULL DEFAULT now(),
  expires_at   timestamptz NOT NULL,
  address      text        NOT NULL,
  user_agent   text        NOT NULL
);
CREATE INDEX sessions_person ON sessions (person_id);

-- Failed logins by what they were tried on: 'account:NAME' or 'address:IP'.
CREATE TABLE login_failures (
  subject       text PRIMARY KEY,
  failures      integer     NOT NULL,
  blocked_until timestamptz NOT NULL,
  forget_at     timestamptz NOT NULL
);

CREATE TABLE identity_providers (
  id                   uuid PRIMARY KEY,
  name                 text        NOT NULL UNIQUE, -- in addresses, and before group names: 'gitlab:infra'
  title                text        NOT NULL,        -- on the button
  kind                 text        NOT NULL CHECK (kind IN ('oidc', 'gitlab')),
  issuer               text        NOT NULL,
  client_id            text        NOT NULL,
  client_secret_sealed text        NOT NULL,
  scopes               text[]      NOT NULL,
  groups_claim         text        NOT NULL,
  enabled              boolean     NOT NULL,
  created_at           timestamptz NOT NULL DEFAULT now(),
  -- What happened at the last exchange with it, for administrators.
  last_failure         text,
  last_failure_at      timestamptz
);

-- A person's account at a provider.
CREATE TABLE provider_accounts (
  id                   uuid PRIMARY KEY,
  provider_id          uuid        NOT NULL REFERENCES identity_providers ON DELETE CASCADE,
  subject              text        NOT NULL,
  person_id            uuid        NOT NULL REFERENCES people ON DELETE CASCADE,
  groups               text[]      NOT NULL,
  refresh_token_sealed text,
  refresh_at           timestamptz, -- when it is asked for groups again; null: no refresh token
  UNIQUE (provider_id, subject)
);
CREATE INDEX provider_accounts_person ON provider_accounts (person_id);
CREATE INDEX provider_accounts_refresh ON provider_accounts (refresh_at) WHERE refresh_at IS NOT NULL;

-- Logins that are under way at a provider. The browser that began one holds the other half of the state in a cookie.
CREATE TABLE provider_logins (
  state_hash           bytea PRIMARY KEY,
  browser_hash         bytea       NOT NULL,
  provider_id          uuid        NOT NULL REFERENCES identity_providers ON DELETE CASCADE,
  nonce                text        NOT NULL,
  code_verifier_sealed text        NOT NULL,
  redirect_uri         text        NOT NULL,
  return_to            text        NOT NULL,
  expires_at           timestamptz NOT NULL
);

-- Tokens of people. A robot's name is unique in the installation, a person's token among that person's own.
ALTER TABLE tokens ADD COLUMN person_id uuid REFERENCES people ON DELETE CASCADE;
DROP INDEX tokens_name;
CREATE UNIQUE INDEX tokens_name ON tokens (name) WHERE revoked_at IS NULL AND person_id IS NULL;
CREATE UNIQUE INDEX tokens_person_name ON tokens (person_id, name) WHERE revoked_at IS NULL AND person_id IS NOT NULL;

-- Open event streams end with their session or their person, in every process, as they end with their token.
CREATE FUNCTION sessions_after() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('tokens', OLD.id::text);
  RETURN NULL;
END $$;
CREATE TRIGGER sessions_after AFTER DELETE ON sessions FOR EACH ROW EXECUTE FUNCTION sessions_after();

-- Who is blocked loses the sessions; the tokens stay, silent, for an unblocking.
CREATE FUNCTION people_after() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.status = 'blocked' THEN DELETE FROM sessions WHERE person_id = NEW.id; END IF;
  PERFORM pg_notify('tokens', id::text) FROM tokens WHERE person_id = NEW.id AND revoked_at IS NULL;
  RETURN NULL;
END $$;
CREATE TRIGGER people_after AFTER UPDATE OF status ON people
  FOR EACH ROW WHEN (OLD.status IS DISTINCT FROM NEW.status) EXECUTE FUNCTION people_after();

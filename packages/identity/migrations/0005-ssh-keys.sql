-- SSH keys of people: added by hand, or taken from their account at an identity provider.
CREATE TABLE ssh_keys (
  id          uuid PRIMARY KEY,
  person_id   uuid        NOT NULL REFERENCES people ON DELETE CASCADE,
  account_id  uuid REFERENCES provider_accounts ON DELETE CASCADE, -- null: added by hand
  type        text        NOT NULL,
  bits        integer     NOT NULL,
  fingerprint text        NOT NULL, -- SHA256:…
  public_key  text        NOT NULL, -- TYPE BASE64
  comment     text        NOT NULL,
  created_at  timestamptz NOT NULL DEFAULT now(),
  expires_at  timestamptz
);
-- The same key may come from several places, and stays until the last of them has taken it away.
CREATE UNIQUE INDEX ssh_keys_once ON ssh_keys (person_id, fingerprint, account_id) NULLS NOT DISTINCT;
CREATE INDEX ssh_keys_account ON ssh_keys (account_id) WHERE account_id IS NOT NULL;
CREATE INDEX ssh_keys_expiry ON ssh_keys (expires_at) WHERE expires_at IS NOT NULL;

-- How the keys of an account at a provider stand.
CREATE TABLE ssh_key_sources (
  account_id uuid PRIMARY KEY REFERENCES provider_accounts ON DELETE CASCADE,
  state      text        NOT NULL CHECK (state IN ('fresh', 'failing', 'refused')),
  fetched_at timestamptz,
  failure    text,
  failures   integer     NOT NULL DEFAULT 0 -- since it was fresh
);

-- Places where somebody may log in, or with which keys, has changed: who delivers keys takes the rows away. Appended
-- only, so that no change waits for another's.
CREATE TABLE login_key_changes (
  seq   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  kind  text NOT NULL CHECK (kind IN ('fleet', 'project', 'host', 'label')),
  scope text NOT NULL
);

CREATE FUNCTION login_keys_changed(of_person text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO login_key_changes (kind, scope)
  SELECT DISTINCT scope_kind, scope FROM bindings WHERE subject_kind = 'person' AND subject = of_person;
  IF FOUND THEN PERFORM pg_notify('login_key_changes', ''); END IF;
END $$;

CREATE FUNCTION ssh_keys_after() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM login_keys_changed(CASE WHEN TG_OP = 'DELETE' THEN OLD.person_id ELSE NEW.person_id END::text);
  RETURN NULL;
END $$;
CREATE TRIGGER ssh_keys_after AFTER INSERT OR DELETE OR UPDATE OF public_key, person_id, expires_at ON ssh_keys
  FOR EACH ROW EXECUTE FUNCTION ssh_keys_after();

CREATE FUNCTION people_keys_after() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM login_keys_changed(NEW.id::text);
  RETURN NULL;
END $$;
CREATE TRIGGER people_keys_after AFTER UPDATE OF status ON people
  FOR EACH ROW WHEN (OLD.status IS DISTINCT FROM NEW.status) EXECUTE FUNCTION people_keys_after();

-- A role that gives no login is told of as well: which ones do is not the database's to know.
CREATE FUNCTION bindings_keys_after() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  changed bindings := CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
BEGIN
  IF changed.subject_kind = 'person' THEN
    INSERT INTO login_key_changes (kind, scope) VALUES (changed.scope_kind, changed.scope);
    PERFORM pg_notify('login_key_changes', '');
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER bindings_keys_after AFTER INSERT OR UPDATE OR DELETE ON bindings
  FOR EACH ROW EXECUTE FUNCTION bindings_keys_after();

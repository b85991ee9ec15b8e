-- SSH keys in guests, and the keys by which guests prove who they are.

-- Desired: which accounts of the guest have the keys; null: what the project, or else the default, says.
ALTER TABLE projects ADD COLUMN login_users text[];
ALTER TABLE instances ADD COLUMN login_users text[];

-- What one account of one guest has of ours, as we left it last.
CREATE TABLE guest_keys (
  instance_id uuid        NOT NULL REFERENCES instances ON DELETE CASCADE,
  username    text        NOT NULL,
  state       text        NOT NULL CHECK (state IN ('in_step', 'pending', 'unreachable', 'failed', 'no_user')),
  reason      text,
  since       timestamptz NOT NULL DEFAULT now(), -- of the state
  checked_at  timestamptz,                        -- when its file was looked at last
  wanted      text        NOT NULL DEFAULT '',    -- hash of the keys that were put there
  boot        text        NOT NULL DEFAULT '',    -- the start of the guest after which that was done
  present     jsonb       NOT NULL DEFAULT '[]',  -- those keys: fingerprint, type, comment, personId, person
  tries       integer     NOT NULL DEFAULT 0,     -- looks in a row that ended with what may pass
  PRIMARY KEY (instance_id, username)
);
CREATE INDEX guest_keys_present ON guest_keys USING gin (present jsonb_path_ops);
CREATE INDEX guest_keys_checked ON guest_keys (checked_at);

-- Who is shown an instance sees its keys change.
CREATE FUNCTION guest_keys_after() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM outbox_add('instance.changed', i.id::text, i.host_id, jsonb_build_object('name', i.name, 'status', i.status,
      'operationId', i.operation_id, 'projectId', i.project_id, 'labels', i.labels))
    FROM instances i WHERE i.id = NEW.instance_id;
  RETURN NULL;
END $$;
CREATE TRIGGER guest_keys_after AFTER UPDATE ON guest_keys FOR EACH ROW
  WHEN (OLD.state <> NEW.state OR OLD.reason IS DISTINCT FROM NEW.reason OR OLD.present <> NEW.present)
  EXECUTE FUNCTION guest_keys_after();

-- Guests whose keys are to be looked at. Appended only: nobody waits for another, and no deadlock comes of it.
CREATE TABLE guest_key_changes (
  seq   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  kind  text NOT NULL CHECK (kind IN ('instance', 'fleet', 'project', 'host', 'label')),
  scope text NOT NULL
);

CREATE FUNCTION instances_keys_after() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT OLD.claimed THEN
    -- What was found may bear keys of an earlier owner of ours: it is looked at once, whoever may log in.
    INSERT INTO guest_keys (instance_id, username, state) VALUES (NEW.id, 'root', 'pending') ON CONFLICT DO NOTHING;
  END IF;
  INSERT INTO guest_key_changes (kind, scope) VALUES ('instance', NEW.id::text);
  PERFORM pg_notify('guest_key_changes', '');
  RETURN NULL;
END $$;
-- A guest that was started again within a moment shows by the time of its start.
CREATE TRIGGER instances_keys_after
  AFTER UPDATE OF status, last_used_at, project_id, labels, host_id, claimed, login_users ON instances FOR EACH ROW
  WHEN (NEW.claimed AND (NOT OLD.claimed
    OR NEW.status = 'running' AND (OLD.status <> 'running' OR OLD.last_used_at IS DISTINCT FROM NEW.last_used_at)
    OR OLD.project_id IS DISTINCT FROM NEW.project_id OR OLD.host_id <> NEW.host_id OR OLD.labels <> NEW.labels
    OR OLD.login_users IS DISTINCT FROM NEW.login_users))
  EXECUTE FUNCTION instances_keys_after();

CREATE FUNCTION projects_keys_after() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO guest_key_changes (kind, scope) VALUES ('project', NEW.id::text);
  PERFORM pg_notify('guest_key_changes', '');
  RETURN NULL;
END $$;
CREATE TRIGGER projects_keys_after AFTER UPDATE OF login_users ON projects FOR EACH ROW
  WHEN (OLD.login_users IS DISTINCT FROM NEW.login_users) EXECUTE FUNCTION projects_keys_after();

-- The host keys of SSH of an instance.
CREATE TABLE ssh_host_keys (
  id             uuid PRIMARY KEY,
  instance_id    uuid        NOT NULL REFERENCES instances ON DELETE CASCADE,
  type           text        NOT NULL CHECK (type IN ('ed25519', 'ecdsa', 'rsa')),
  bits           integer     NOT NULL,
  fingerprint    text        NOT NULL, -- SHA256:…
  public_key     text        NOT NULL, -- TYPE BASE64
  private_sealed text        NOT NULL, -- the file for the guest
  origin         text        NOT NULL CHECK (origin IN ('made', 'imported')),
  created_at     timestamptz NOT NULL DEFAULT now(),
  UNIQUE (instance_id, type)
);

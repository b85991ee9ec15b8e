-- Hosts, instances, images and operations. Two writers, two halves: columns under "desired" are written by the API and
-- by reconcilers on a person's behalf, columns under "observed" by sync; nobody writes a whole row.

CREATE TABLE installation (
  only_one           boolean PRIMARY KEY DEFAULT true CHECK (only_one),
  id                 uuid    NOT NULL,
  client_certificate text    NOT NULL, -- PEM: what hosts are asked to trust
  client_key_sealed  text    NOT NULL,
  created_at         timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE hosts (
  id            uuid PRIMARY KEY,
  -- desired
  name          text NOT NULL UNIQUE,
  kind          text NOT NULL CHECK (kind IN ('lxd', 'incus')),
  url           text NOT NULL UNIQUE, -- https://… or unix:/…
  fingerprint   text,                 -- of the pinned server certificate; null for a socket
  labels        jsonb NOT NULL DEFAULT '{}',
  maintenance   boolean NOT NULL DEFAULT false,
  revision      integer NOT NULL DEFAULT 1,
  created_at    timestamptz NOT NULL DEFAULT now(),
  created_by    text NOT NULL,
  trust_entry   text,                 -- fingerprint of our own entry in its trust store, when we made it
  removing      boolean NOT NULL DEFAULT false,
  -- observed
  status        text NOT NULL DEFAULT 'connecting' CHECK (status IN ('connecting', 'online', 'unreachable', 'quarantined')),
  status_reason text,
  status_since  timestamptz NOT NULL DEFAULT now(),
  seen_fingerprint text,              -- what a quarantined host shows instead of the pinned one
  server_uuid   text,                 -- certificate or server identity, to recognise a host under another address
  version       text NOT NULL DEFAULT '',
  architectures jsonb NOT NULL DEFAULT '[]',
  driver        text NOT NULL DEFAULT '',   -- what runs its instances, such as 'lxc | qemu'; without qemu no machines
  extensions    jsonb NOT NULL DEFAULT '[]', -- API extensions: what may be asked of it
  warnings      jsonb NOT NULL DEFAULT '[]',
  resources     jsonb,
  lxd_projects  jsonb NOT NULL DEFAULT '[]',
  profiles      jsonb NOT NULL DEFAULT '[]',
  networks      jsonb NOT NULL DEFAULT '[]',
  observed_at   timestamptz
);

CREATE TABLE instances (
  id            uuid PRIMARY KEY,
  host_id       uuid NOT NULL REFERENCES hosts (id) ON DELETE CASCADE,
  lxd_project   text NOT NULL DEFAULT 'default',
  name          text COLLATE "C" NOT NULL, -- one order, in the database and in the lines that a process keeps
  type          text NOT NULL CHECK (type IN ('container', 'virtual-machine')),
  -- desired
  claimed       boolean NOT NULL DEFAULT false,
  protected     boolean NOT NULL DEFAULT false,
  labels        jsonb NOT NULL DEFAULT '{}',
  placement_reason text,
  revision      integer NOT NULL DEFAULT 1,
  created_by    text,
  added_at      timestamptz NOT NULL DEFAULT now(),
  operation_id  uuid,                 -- the one unfinished operation that may change it
  -- observed
  status        text NOT NULL DEFAULT 'pending' CHECK (status IN
    ('pending', 'running', 'stopped', 'frozen', 'starting', 'stopping', 'error', 'unknown', 'missing')),
  description   text NOT NULL DEFAULT '',
  architecture  text,
  ephemeral     boolean NOT NULL DEFAULT false,
  profiles      jsonb NOT NULL DEFAULT '[]',
  config        jsonb NOT NULL DEFAULT '{}', -- without volatile.*
  devices       jsonb NOT NULL DEFAULT '{}',
  image         text,
  host_uuid     text,                        -- volatile.uuid: tells a re-made instance of the same name from ours
  addresses     jsonb NOT NULL DEFAULT '[]',
  snapshots     jsonb NOT NULL DEFAULT '[]',
  created_at    timestamptz,
  last_used_at  timestamptz,
  observed_at   timestamptz,
  missing_since timestamptz,
  observation   bigint NOT NULL DEFAULT 0,   -- number of the read that wrote the observed half; an older read never writes
  -- derived by trigger: the line of lists as JSON text, so that a page is one index walk and no work for the API
  summary       text NOT NULL DEFAULT '',
  summary_txid  xid8 NOT NULL DEFAULT pg_current_xact_id() -- the transaction that changed it last
);
-- Which instances were removed lately, for those who keep lines in memory; forgotten after a day.
CREATE TABLE instance_removals (
  txid       xid8 NOT NULL DEFAULT pg_current_xact_id(),
  id         uuid NOT NULL,
  removed_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX instance_removals_txid ON instance_removals (txid);
-- A missing instance keeps its row while another of the same name may have taken its place on the host.
CREATE UNIQUE INDEX instances_on_host ON instances (host_id, lxd_project, name) WHERE status <> 'missing';
CREATE INDEX instances_host_uuid ON instances (host_id, host_uuid);
CREATE INDEX instances_summary_txid ON instances (summary_txid);
CREATE INDEX instances_name ON instances (name, id);
CREATE INDEX instances_name_pattern ON instances (name text_pattern_ops);
CREATE INDEX instances_status ON instances (status, id);
-- What is being made has no time of creation yet, but a place in the order.
CREATE INDEX instances_created ON instances (coalesce(created_at, added_at), id);
CREATE INDEX instances_lower_name ON instances (lower(name)); -- names become DNS names: one per fleet, whatever the case
CREATE INDEX instances_operation ON instances (operation_id) WHERE operation_id IS NOT NULL;
CREATE INDEX instances_addresses ON instances USING gin (addresses jsonb_path_ops);
CREATE INDEX instances_labels ON instances USING gin (labels jsonb_path_ops);

-- RFC 3339 in UTC, milliseconds, as JavaScript's toISOString writes it.
CREATE FUNCTION rfc3339(moment timestamptz) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT to_char(moment AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
$$;

-- The schema InstanceSummary of packages/contract; a test holds the two together.
CREATE FUNCTION instance_summary(i instances) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT json_build_object(
    'id', i.id, 'name', i.name, 'hostId', i.host_id, 'lxdProject', i.lxd_project, 'type', i.type, 'status', i.status,
    'claimed', i.claimed, 'protected', i.protected, 'labels', i.labels,
    'addresses', coalesce((
      SELECT json_agg(a ->> 'address' ORDER BY a ->> 'family', n)
      FROM jsonb_array_elements(i.addresses) WITH ORDINALITY AS e (a, n) WHERE a ->> 'scope' = 'global'), '[]'),
    'image', i.image, 'cpu', i.config ->> 'limits.cpu', 'memory', i.config ->> 'limits.memory',
    'snapshots', jsonb_array_length(i.snapshots), 'createdAt', rfc3339(i.created_at),
    'observedAt', rfc3339(i.observed_at), 'operationId', i.operation_id)::text
$$;

CREATE FUNCTION instances_before() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.summary := instance_summary(NEW);
  IF TG_OP = 'INSERT' OR NEW.summary IS DISTINCT FROM OLD.summary THEN
    NEW.summary_txid := pg_current_xact_id();
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER instances_before BEFORE INSERT OR UPDATE ON instances FOR EACH ROW EXECUTE FUNCTION instances_before();

CREATE FUNCTION instances_after() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    INSERT INTO instance_removals (id) VALUES (OLD.id);
    PERFORM outbox_add('instance.removed', OLD.id::text, OLD.host_id, jsonb_build_object('name', OLD.name));
  ELSIF TG_OP = 'INSERT' OR OLD.summary IS DISTINCT FROM NEW.summary OR OLD.revision <> NEW.revision
     OR OLD.config IS DISTINCT FROM NEW.config OR OLD.devices IS DISTINCT FROM NEW.devices THEN
    PERFORM outbox_add('instance.changed', NEW.id::text, NEW.host_id,
      jsonb_build_object('name', NEW.name, 'status', NEW.status, 'operationId', NEW.operation_id));
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER instances_after AFTER INSERT OR UPDATE OR DELETE ON instances FOR EACH ROW EXECUTE FUNCTION instances_after();

CREATE FUNCTION hosts_after() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    PERFORM outbox_add('host.removed', OLD.id::text, OLD.id, jsonb_build_object('name', OLD.name));
  ELSE
    PERFORM outbox_add('host.changed', NEW.id::text, NEW.id,
      jsonb_build_object('name', NEW.name, 'status', NEW.status));
  END IF;
  RETURN NULL;
END $$;
-- Not of observed_at and resources, which are written all the time and differ each time. All writers of the others write
-- only what differs.
CREATE TRIGGER hosts_after AFTER INSERT OR DELETE OR UPDATE OF name, kind, url, fingerprint, labels, maintenance, revision,
    removing, status, status_reason, seen_fingerprint, version, architectures, warnings, lxd_projects, profiles, networks
  ON hosts FOR EACH ROW EXECUTE FUNCTION hosts_after();

-- Reads of hosts are numbered when they begin. A clock would do if none ever jumped.
CREATE SEQUENCE observations;

-- Where an instance was until we deleted or moved it, so that a read begun before does not adopt it again.
CREATE TABLE instance_departures (
  host_id     uuid   NOT NULL,
  lxd_project text   NOT NULL,
  name        text   NOT NULL,
  instance_id uuid   NOT NULL,
  observation bigint NOT NULL DEFAULT nextval('observations'),
  at          timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (host_id, lxd_project, name)
);
CREATE INDEX instance_departures_at ON instance_departures (at);

CREATE FUNCTION instances_departed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO instance_departures (host_id, lxd_project, name, instance_id)
  VALUES (OLD.host_id, OLD.lxd_project, OLD.name, OLD.id)
  ON CONFLICT (host_id, lxd_project, name)
    DO UPDATE SET instance_id = EXCLUDED.instance_id, observation = EXCLUDED.observation, at = now();
  RETURN NULL;
END $$;
CREATE TRIGGER instances_departed AFTER DELETE ON instances FOR EACH ROW EXECUTE FUNCTION instances_departed();
CREATE TRIGGER instances_moved AFTER UPDATE OF host_id ON instances FOR EACH ROW
  WHEN (OLD.host_id <> NEW.host_id) EXECUTE FUNCTION instances_departed();

-- Images are observed only: what each host has.
CREATE TABLE host_images (
  host_id      uuid NOT NULL REFERENCES hosts (id) ON DELETE CASCADE,
  lxd_project  text NOT NULL,
  fingerprint  text NOT NULL,
  description  text NOT NULL,
  type         text NOT NULL,
  architecture text NOT NULL,
  size_bytes   bigint NOT NULL,
  aliases      jsonb NOT NULL DEFAULT '[]',
  created_at   timestamptz,
  observed_at  timestamptz NOT NULL,
  PRIMARY KEY (host_id, lxd_project, fingerprint)
);
CREATE INDEX host_images_fingerprint ON host_images (fingerprint);

CREATE FUNCTION host_images_after() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    PERFORM outbox_add('image.removed', OLD.fingerprint, OLD.host_id, jsonb_build_object('lxdProject', OLD.lxd_project));
  ELSE
    PERFORM outbox_add('image.changed', NEW.fingerprint, NEW.host_id, jsonb_build_object('lxdProject', NEW.lxd_project));
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER host_images_after AFTER INSERT OR UPDATE OR DELETE ON host_images
  FOR EACH ROW EXECUTE FUNCTION host_images_after();

CREATE TABLE operations (
  id            uuid PRIMARY KEY,
  action        text NOT NULL,
  target_kind   text NOT NULL CHECK (target_kind IN ('host', 'instance', 'image', 'fleet')),
  target_id     text,
  target_name   text NOT NULL,
  host_id       uuid,                -- no foreign key: history outlives hosts
  parent_id     uuid REFERENCES operations (id) ON DELETE CASCADE,
  input         jsonb NOT NULL,
  input_sealed  text,                -- secrets of the input (trust token or password); removed at the end
  status        text NOT NULL DEFAULT 'queued' CHECK (status IN
    ('queued', 'running', 'cancelling', 'succeeded', 'failed', 'cancelled')),
  progress      real,                -- percent
  steps         jsonb NOT NULL DEFAULT '[]',
  memory        jsonb NOT NULL DEFAULT '{}', -- what the handler must know when it runs again
  attempts      integer NOT NULL DEFAULT 0,
  failures      integer NOT NULL DEFAULT 0, -- runs that ended with what may pass
  queue         text,                       -- the job queue its job stands in
  failure       jsonb,
  result        jsonb,
  requested_by  text NOT NULL,
  idempotency_key  text,
  request_hash  text,
  created_at    timestamptz NOT NULL DEFAULT now(),
  started_at    timestamptz,
  ended_at      timestamptz,
  UNIQUE (requested_by, idempotency_key)
);
CREATE INDEX operations_created ON operations (created_at, id);
CREATE INDEX operations_target ON operations (target_id, created_at);
CREATE INDEX operations_parent ON operations (parent_id) WHERE parent_id IS NOT NULL;
CREATE INDEX operations_unfinished ON operations (status) WHERE status IN ('queued', 'running', 'cancelling');

CREATE FUNCTION operations_after() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND (OLD.status, OLD.progress, OLD.steps, OLD.failure)
    IS NOT DISTINCT FROM (NEW.status, NEW.progress, NEW.steps, NEW.failure) THEN
    RETURN NULL; -- a bulk operation looks at its items twice a second
  END IF;
  PERFORM outbox_add('operation.changed', NEW.id::text, NEW.host_id,
    jsonb_build_object('action', NEW.action, 'status', NEW.status, 'targetId', NEW.target_id, 'parentId', NEW.parent_id,
      'progressPercent', NEW.progress));
  -- For those who wait for the end; the identifier of the parent lets a bulk operation notice its children.
  IF NEW.ended_at IS NOT NULL THEN
    PERFORM pg_notify('operation_ended', NEW.id::text || coalesce(' ' || NEW.parent_id::text, ''));
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER operations_after AFTER INSERT OR UPDATE OF status, progress, steps, failure ON operations
  FOR EACH ROW EXECUTE FUNCTION operations_after();

CREATE TABLE exports (
  id            uuid PRIMARY KEY,
  instance_id   uuid NOT NULL,
  instance_name text NOT NULL,
  path          text NOT NULL,       -- below the data directory of the process that wrote it
  size_bytes    bigint NOT NULL,
  sha256        text NOT NULL,
  created_at    timestamptz NOT NULL DEFAULT now(),
  expires_at    timestamptz NOT NULL
);

-- Halves of moves and copies that a host still holds although they belong elsewhere: taken away when it can be reached.
-- Sync does not adopt what stands here.
CREATE TABLE move_leftovers (
  operation_id uuid NOT NULL,
  host_id      uuid NOT NULL REFERENCES hosts (id) ON DELETE CASCADE,
  lxd_project  text NOT NULL,
  name         text NOT NULL,
  instance_id  uuid NOT NULL,
  mark         text NOT NULL,        -- configuration key that holds operation_id on that half
  noted_at     timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (operation_id, host_id)
);
CREATE INDEX move_leftovers_host ON move_leftovers (host_id);

-- Instances of a bulk operation whose own operation is still to be accepted; a row goes when that is done.
CREATE TABLE bulk_items (
  operation_id uuid    NOT NULL REFERENCES operations (id) ON DELETE CASCADE,
  position     integer NOT NULL,
  instance_id  uuid    NOT NULL,
  host_id      uuid    NOT NULL,     -- at acceptance: items are dealt out by it
  PRIMARY KEY (operation_id, position)
);

-- Projects: a tenant's share of the whole fleet, with quotas; and the end of an instance's life.
CREATE TABLE projects (
  id                    uuid PRIMARY KEY,
  name                  text        NOT NULL UNIQUE, -- a DNS label: it becomes a sub-zone
  description           text        NOT NULL DEFAULT '',
  -- quotas; null: no limit
  max_instances         integer     CHECK (max_instances >= 0),
  max_cpu               integer     CHECK (max_cpu >= 0),
  max_memory_bytes      bigint      CHECK (max_memory_bytes >= 0),
  max_disk_bytes        bigint      CHECK (max_disk_bytes >= 0),
  -- how long instances live; null: for ever
  default_lifetime_days integer     CHECK (default_lifetime_days > 0),
  max_lifetime_days     integer     CHECK (max_lifetime_days > 0),
  revision              integer     NOT NULL DEFAULT 1,
  created_at            timestamptz NOT NULL DEFAULT now(),
  created_by            text        NOT NULL
);

-- Desired columns of instances. What was asked for counts against quotas until the host shows it.
ALTER TABLE instances
  ADD COLUMN project_id    uuid REFERENCES projects (id),
  ADD COLUMN expires_at    timestamptz,
  ADD COLUMN expiry_warned smallint,          -- days before the end that the owners were warned of last
  ADD COLUMN asked_config  jsonb,             -- limits of a creation or change that is not finished
  ADD COLUMN asked_disk    text;              -- size of the root disk of the same
CREATE INDEX instances_project ON instances (project_id, name, id) WHERE project_id IS NOT NULL;
CREATE INDEX instances_expiry ON instances (expires_at) WHERE expires_at IS NOT NULL;

-- Bytes of a size as LXD writes it (lxd/shared/units); null for what is no absolute size, such as 50%.
CREATE FUNCTION size_bytes(size text) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT trunc(m[1]::numeric * CASE lower(m[2])
    WHEN '' THEN 1 WHEN 'b' THEN 1 WHEN 'bytes' THEN 1
    WHEN 'kb' THEN 1000 WHEN 'mb' THEN 1e6 WHEN 'gb' THEN 1e9 WHEN 'tb' THEN 1e12 WHEN 'pb' THEN 1e15 WHEN 'eb' THEN 1e18
    WHEN 'kib' THEN 1024 WHEN 'mib' THEN 1024.0 ^ 2 WHEN 'gib' THEN 1024.0 ^ 3 WHEN 'tib' THEN 1024.0 ^ 4
    WHEN 'pib' THEN 1024.0 ^ 5 WHEN 'eib' THEN 1024.0 ^ 6 END)
  FROM regexp_match(size, '^ *([0-9]{1,18}) *([a-zA-Z]*) *$') AS m
$$;

-- Number of CPUs of limits.cpu: a number, or a set such as 0-3,8; null for none.
CREATE FUNCTION cpu_count(cpu text) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE
    WHEN cpu ~ '^[0-9]{1,6}$' THEN cpu::bigint
    WHEN cpu ~ '^[0-9]{1,6}(-[0-9]{1,6})?(,[0-9]{1,6}(-[0-9]{1,6})?)*$' THEN (
      SELECT sum(greatest(coalesce(nullif(split_part(part, '-', 2), ''), split_part(part, '-', 1))::bigint
        - split_part(part, '-', 1)::bigint + 1, 0)) FROM unnest(string_to_array(cpu, ',')) AS part)
  END
$$;

-- Size of the root disk among an instance's own devices.
CREATE FUNCTION root_disk_size(devices jsonb) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT device.value ->> 'size' FROM jsonb_each(devices) AS device
  WHERE device.value ->> 'type' = 'disk' AND device.value ->> 'path' = '/' LIMIT 1
$$;

-- The larger of what the host shows and what was accepted; null for no limit.
CREATE FUNCTION open_take(shown numeric, asked numeric) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN asked IS NOT NULL THEN greatest(shown, asked) END
$$;

-- What an instance takes of its project's quotas: what the host shows; while an operation may change that (it cleared
-- asked_config when it ended), the larger of it and what was accepted. Null for what has no limit.
CREATE FUNCTION instance_takes(i instances, OUT cpu numeric, OUT memory numeric, OUT disk numeric)
LANGUAGE sql STABLE AS $$
  SELECT
    CASE WHEN i.asked_config IS NULL THEN shown.cpu ELSE open_take(shown.cpu, asked.cpu) END,
    CASE WHEN i.asked_config IS NULL THEN shown.memory ELSE open_take(shown.memory, asked.memory) END,
    CASE WHEN i.asked_config IS NULL THEN shown.disk ELSE open_take(shown.disk, asked.disk) END
  FROM
    (SELECT cpu_count(i.config ->> 'limits.cpu')::numeric AS cpu, size_bytes(i.config ->> 'limits.memory') AS memory,
      size_bytes(root_disk_size(i.devices)) AS disk) AS shown,
    (SELECT cpu_count(i.asked_config ->> 'limits.cpu')::numeric AS cpu,
      size_bytes(i.asked_config ->> 'limits.memory') AS memory, size_bytes(i.asked_disk) AS disk) AS asked
$$;

CREATE FUNCTION projects_after() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    PERFORM outbox_add('project.removed', OLD.id::text, NULL, jsonb_build_object('name', OLD.name, 'projectId', OLD.id));
  ELSE
    PERFORM outbox_add('project.changed', NEW.id::text, NULL, jsonb_build_object('name', NEW.name, 'projectId', NEW.id));
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER projects_after AFTER INSERT OR UPDATE OR DELETE ON projects
  FOR EACH ROW EXECUTE FUNCTION projects_after();

-- The schema InstanceSummary of packages/contract; a test holds the two together.
-- What is null, false, zero or empty is left out, and so is white space: two fifths of what a list of 10,000 weighs.
CREATE OR REPLACE FUNCTION instance_summary(i instances) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT json_strip_nulls(json_build_object(
    'id', i.id, 'name', i.name, 'hostId', i.host_id, 'projectId', i.project_id, 'lxdProject', i.lxd_project,
    'type', i.type, 'status', i.status, 'claimed', nullif(i.claimed, false), 'protected', nullif(i.protected, false), 'labels', nullif(i.labels, '{}'),
    'addresses', coalesce((
      SELECT json_agg(a ->> 'address' ORDER BY a ->> 'family', n)
      FROM jsonb_array_elements(i.addresses) WITH ORDINALITY AS e (a, n) WHERE a ->> 'scope' = 'global'), '[]'),
    'image', i.image, 'cpu', i.config ->> 'limits.cpu', 'memory', i.config ->> 'limits.memory',
    'snapshots', nullif(jsonb_array_length(i.snapshots), 0), 'createdAt', rfc3339(i.created_at), 'expiresAt', rfc3339(i.expires_at),
    'observedAt', rfc3339(i.observed_at), 'operationId', i.operation_id))::text
$$;
UPDATE instances SET summary = ''; -- the trigger writes it anew

-- Who may see an event is told by the project, host and labels of what it is about.
CREATE OR REPLACE FUNCTION instances_after() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    INSERT INTO instance_removals (id) VALUES (OLD.id);
    PERFORM outbox_add('instance.removed', OLD.id::text, OLD.host_id,
      jsonb_build_object('name', OLD.name, 'projectId', OLD.project_id, 'labels', OLD.labels));
    RETURN NULL;
  END IF;
  IF TG_OP = 'UPDATE' AND OLD.project_id IS DISTINCT FROM NEW.project_id THEN
    -- For those who could see it until now; the others learn in the next event that it is there.
    PERFORM outbox_add('instance.removed', OLD.id::text, OLD.host_id,
      jsonb_build_object('name', OLD.name, 'projectId', OLD.project_id, 'labels', OLD.labels));
  END IF;
  IF TG_OP = 'INSERT' OR OLD.summary IS DISTINCT FROM NEW.summary OR OLD.revision <> NEW.revision
     OR OLD.config IS DISTINCT FROM NEW.config OR OLD.devices IS DISTINCT FROM NEW.devices THEN
    PERFORM outbox_add('instance.changed', NEW.id::text, NEW.host_id,
      jsonb_build_object('name', NEW.name, 'status', NEW.status, 'operationId', NEW.operation_id,
        'projectId', NEW.project_id, 'labels', NEW.labels));
  END IF;
  RETURN NULL;
END $$;

-- Operations and exports outlive their instance, and stay with the project that it had when they began.
ALTER TABLE operations ADD COLUMN project_id uuid, ADD COLUMN requester_id text;
CREATE INDEX operations_project ON operations (project_id, created_at, id) WHERE project_id IS NOT NULL;
ALTER TABLE exports ADD COLUMN project_id uuid;

CREATE FUNCTION operations_before() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.target_kind = 'instance' AND NEW.project_id IS NULL THEN
    NEW.project_id := (SELECT project_id FROM instances
      WHERE id = CASE WHEN NEW.target_id ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' THEN NEW.target_id::uuid END);
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER operations_before BEFORE INSERT ON operations FOR EACH ROW EXECUTE FUNCTION operations_before();

CREATE FUNCTION exports_before() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.project_id := coalesce(NEW.project_id, (SELECT project_id FROM instances WHERE id = NEW.instance_id));
  RETURN NEW;
END $$;
CREATE TRIGGER exports_before BEFORE INSERT ON exports FOR EACH ROW EXECUTE FUNCTION exports_before();

CREATE OR REPLACE FUNCTION operations_after() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND (OLD.status, OLD.progress, OLD.steps, OLD.failure)
    IS NOT DISTINCT FROM (NEW.status, NEW.progress, NEW.steps, NEW.failure) THEN
    RETURN NULL; -- a bulk operation looks at its items twice a second
  END IF;
  PERFORM outbox_add('operation.changed', NEW.id::text, NEW.host_id,
    jsonb_build_object('action', NEW.action, 'status', NEW.status, 'targetId', NEW.target_id, 'parentId', NEW.parent_id,
      'progressPercent', NEW.progress, 'targetKind', NEW.target_kind, 'projectId', NEW.project_id,
      'requesterId', NEW.requester_id));
  -- For those who wait for the end; the identifier of the parent lets a bulk operation notice its children.
  IF NEW.ended_at IS NOT NULL THEN
    PERFORM pg_notify('operation_ended', NEW.id::text || coalesce(' ' || NEW.parent_id::text, ''));
  END IF;
  RETURN NULL;
END $$;

-- What instances use now and hosts used over time, and small questions to hosts that a person waits for.

-- Instances that somebody looks at: the worker that has the host asks it until nobody has looked for a while.
CREATE UNLOGGED TABLE instance_watches (
  instance_id  uuid PRIMARY KEY REFERENCES instances ON DELETE CASCADE,
  wanted_until timestamptz NOT NULL,
  sample       jsonb, -- the schema UseSample of packages/contract; null until the host has told
  failure      text
);
COMMENT ON TABLE instance_watches IS 'Who looks at what right now (not in backups)';

-- Use of hosts: a row a minute for a day, and their averages over 15 minutes for a month.
CREATE TABLE host_use (
  host_id      uuid        NOT NULL REFERENCES hosts ON DELETE CASCADE,
  step         smallint    NOT NULL CHECK (step IN (1, 15)), -- minutes
  at           timestamptz NOT NULL,
  cpu_threads  integer     NOT NULL,
  cpu_percent  real,       -- of all threads together
  memory_used  bigint      NOT NULL,
  memory_total bigint      NOT NULL,
  disk_used    bigint      NOT NULL,
  disk_total   bigint      NOT NULL,
  PRIMARY KEY (host_id, step, at)
);
CREATE INDEX host_use_at ON host_use (step, at);

-- Questions to a host that the process with its session answers: the API itself calls no host.
CREATE UNLOGGED TABLE host_errands (
  id          uuid PRIMARY KEY,
  host_id     uuid        NOT NULL REFERENCES hosts ON DELETE CASCADE,
  question    jsonb       NOT NULL,
  asked_at    timestamptz NOT NULL DEFAULT now(),
  taken_at    timestamptz,
  answered_at timestamptz,
  reply       jsonb,
  body        bytea,
  failure     jsonb
);
CREATE INDEX host_errands_waiting ON host_errands (host_id) WHERE taken_at IS NULL;
COMMENT ON TABLE host_errands IS 'Questions that somebody waits for right now (not in backups)';

-- Whole, as it stands in 0002, and with the labels of the instance: who has a role on a label follows what is done there.
CREATE OR REPLACE FUNCTION operations_after() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND (OLD.status, OLD.progress, OLD.steps, OLD.failure)
    IS NOT DISTINCT FROM (NEW.status, NEW.progress, NEW.steps, NEW.failure) THEN
    RETURN NULL; -- a bulk operation looks at its items twice a second
  END IF;
  PERFORM outbox_add('operation.changed', NEW.id::text, NEW.host_id,
    jsonb_build_object('action', NEW.action, 'status', NEW.status, 'targetId', NEW.target_id, 'parentId', NEW.parent_id,
      'progressPercent', NEW.progress, 'targetKind', NEW.target_kind, 'projectId', NEW.project_id,
      'requesterId', NEW.requester_id, 'labels', CASE WHEN NEW.target_kind = 'instance'
        AND NEW.target_id ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
        THEN (SELECT labels FROM instances WHERE id = NEW.target_id::uuid) END));
  -- For those who wait for the end; the identifier of the parent lets a bulk operation notice its children.
  IF NEW.ended_at IS NOT NULL THEN
    PERFORM pg_notify('operation_ended', NEW.id::text || coalesce(' ' || NEW.parent_id::text, ''));
  END IF;
  RETURN NULL;
END $$;

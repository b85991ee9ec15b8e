-- Who has which role where, and what was done. Projects themselves belong to the fleet (fleet, 0002-projects.sql).
CREATE TABLE bindings (
  id           uuid PRIMARY KEY,
  subject_kind text        NOT NULL CHECK (subject_kind IN ('person', 'group')),
  subject      text        NOT NULL, -- identifier of a person, or PROVIDER:GROUP
  role         text        NOT NULL CHECK (role IN ('viewer', 'operator', 'admin', 'auditor')),
  scope_kind   text        NOT NULL CHECK (scope_kind IN ('fleet', 'project', 'host', 'label')),
  scope        text        NOT NULL DEFAULT '', -- identifier of a project or host, KEY=VALUE of a label, '' for the fleet
  source       text        NOT NULL DEFAULT 'direct' CHECK (source IN ('direct', 'group')),
  created_at   timestamptz NOT NULL DEFAULT now(),
  CHECK ((scope_kind = 'fleet') = (scope = '')),
  -- On the fleet one is admin or auditor, on a part of it viewer, operator or admin.
  CHECK (CASE WHEN scope_kind = 'fleet' THEN role IN ('admin', 'auditor') ELSE role <> 'auditor' END)
);
CREATE UNIQUE INDEX bindings_once ON bindings (subject_kind, subject, scope_kind, scope, role, source);
CREATE INDEX bindings_scope ON bindings (scope_kind, scope);
CREATE INDEX bindings_order ON bindings (created_at, id);

-- Open event streams of a person end when their roles change, in every process; the client comes back with what is now.
CREATE FUNCTION bindings_after() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  changed bindings := CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
BEGIN
  IF changed.subject_kind = 'person' THEN
    PERFORM pg_notify('tokens', id::text) FROM sessions WHERE person_id::text = changed.subject;
    PERFORM pg_notify('tokens', id::text) FROM tokens WHERE person_id::text = changed.subject AND revoked_at IS NULL;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER bindings_after AFTER INSERT OR UPDATE OR DELETE ON bindings FOR EACH ROW EXECUTE FUNCTION bindings_after();

CREATE TABLE audit (
  id             bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at             timestamptz NOT NULL DEFAULT clock_timestamp(),
  -- who: names as they were then
  who_kind       text        NOT NULL CHECK (who_kind IN ('person', 'robot', 'set-up', 'nobody', 'foreign', 'longshore')),
  who_id         text        NOT NULL,
  who            text        NOT NULL,
  via            text        NOT NULL, -- token:ID, session:ID, or '' for neither
  address        text        NOT NULL, -- where from
  -- what, on what
  action         text        NOT NULL, -- identifier of the route, or 'foreign-change'
  target_kind    text        NOT NULL,
  target_id      text        NOT NULL,
  target_name    text        NOT NULL,
  -- with what result
  status         integer     NOT NULL, -- as HTTP says it
  code           text,                 -- of the error
  operation_id   uuid,
  request_id     text        NOT NULL,
  detail         jsonb       NOT NULL DEFAULT '{}'
);
CREATE INDEX audit_at ON audit (at, id);
CREATE INDEX audit_who ON audit (who, at);
CREATE INDEX audit_target ON audit (target_id, at);
CREATE INDEX audit_operation ON audit (operation_id) WHERE operation_id IS NOT NULL;

-- How long entries are kept. Not less than 30 days: who breaks in must not be able to set it to nothing and wait.
CREATE TABLE audit_retention (
  only_one  boolean PRIMARY KEY DEFAULT true CHECK (only_one),
  keep_days integer NOT NULL DEFAULT 400 CHECK (keep_days BETWEEN 30 AND 36500)
);
INSERT INTO audit_retention DEFAULT VALUES;

-- Append-only: nothing is changed, and nothing removed before its time.
CREATE FUNCTION audit_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' AND OLD.at < now() - make_interval(days => (SELECT keep_days FROM audit_retention)) THEN
    RETURN OLD;
  END IF;
  RAISE EXCEPTION 'the audit log is append-only' USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER audit_guard BEFORE UPDATE OR DELETE ON audit FOR EACH ROW EXECUTE FUNCTION audit_guard();
CREATE FUNCTION audit_guard_truncate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the audit log is append-only' USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER audit_guard_truncate BEFORE TRUNCATE ON audit EXECUTE FUNCTION audit_guard_truncate();

-- Robots with roles in projects, tokens of people that are narrowed to projects, and linking of accounts at providers.

-- A robot is a token; its roles are bindings like those of people.
ALTER TABLE bindings DROP CONSTRAINT bindings_subject_kind_check;
ALTER TABLE bindings ADD CONSTRAINT bindings_subject_kind_check CHECK (subject_kind IN ('person', 'group', 'robot'));

ALTER TABLE tokens
  ADD COLUMN project_ids     uuid[], -- of a person: the only projects in which it may do anything; null: no such limit
  ADD COLUMN home_project_id uuid,   -- of a robot: the project that made it, in which its name is unique; null: the fleet
  ADD COLUMN last_used_from  text;   -- address
DROP INDEX tokens_name;
CREATE UNIQUE INDEX tokens_name ON tokens (name)
  WHERE revoked_at IS NULL AND person_id IS NULL AND home_project_id IS NULL;
CREATE UNIQUE INDEX tokens_project_name ON tokens (home_project_id, name)
  WHERE revoked_at IS NULL AND person_id IS NULL AND home_project_id IS NOT NULL;

-- Open event streams of a robot end when its roles change; one that has lost its last role is revoked, whatever took
-- the role away (its project may be gone).
CREATE FUNCTION bindings_of_robots() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    PERFORM pg_notify('tokens', OLD.subject);
    UPDATE tokens SET revoked_at = now() WHERE id = OLD.subject::uuid AND revoked_at IS NULL
      AND NOT EXISTS (SELECT FROM bindings WHERE subject_kind = 'robot' AND subject = OLD.subject);
  ELSE
    PERFORM pg_notify('tokens', NEW.subject);
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER bindings_of_robots_made AFTER INSERT OR UPDATE ON bindings
  FOR EACH ROW WHEN (NEW.subject_kind = 'robot') EXECUTE FUNCTION bindings_of_robots();
CREATE TRIGGER bindings_of_robots_taken AFTER DELETE ON bindings
  FOR EACH ROW WHEN (OLD.subject_kind = 'robot') EXECUTE FUNCTION bindings_of_robots();

-- What is revoked has no roles any more.
CREATE FUNCTION tokens_revoked() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM bindings WHERE subject_kind = 'robot' AND subject = NEW.id::text;
  RETURN NULL;
END $$;
CREATE TRIGGER tokens_revoked AFTER UPDATE OF revoked_at ON tokens
  FOR EACH ROW WHEN (OLD.revoked_at IS NULL AND NEW.revoked_at IS NOT NULL AND NEW.person_id IS NULL)
  EXECUTE FUNCTION tokens_revoked();

-- A login under way at a provider that links the account there to a person who is logged in already.
ALTER TABLE provider_logins ADD COLUMN link_person_id uuid REFERENCES people ON DELETE CASCADE;

-- Consoles: tickets that open one, sessions that are open, and the leases that keep their places. Time is the database's.

-- Processes that carry consoles. What one holds is worth nothing once it has not been seen for 30 seconds.
CREATE TABLE console_proxies (
  id         uuid PRIMARY KEY,
  url        text,        -- where clients reach it; null: at the address of the API
  started_at timestamptz NOT NULL DEFAULT now(),
  seen_at    timestamptz NOT NULL DEFAULT now()
);

CREATE FUNCTION console_proxy_lives(seen_at timestamptz) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT seen_at > now() - interval '30 seconds'
$$;

-- The permission to open one console once. Of the ticket itself there is only a hash; a used one stays for some minutes,
-- so that the audit log can tell a second use from a guess.
CREATE TABLE console_tickets (
  token_hash  bytea PRIMARY KEY,   -- SHA-256 of 256 random bits
  id          uuid        NOT NULL, -- becomes the session's
  instance_id uuid        NOT NULL REFERENCES instances ON DELETE CASCADE,
  type        text        NOT NULL CHECK (type IN ('shell', 'console')),
  mode        text        NOT NULL CHECK (mode IN ('deny', 'takeover', 'view')),
  target_id   uuid,                 -- the session to take over or to view
  options     jsonb       NOT NULL, -- user, shell, command, size
  origin      text,                 -- of the page that asked; null: no browser
  who         jsonb       NOT NULL, -- who asked: kind, id, name, token, login
  address     text        NOT NULL,
  expires_at  timestamptz NOT NULL,
  used_at     timestamptz
);
CREATE INDEX console_tickets_instance ON console_tickets (instance_id);
CREATE INDEX console_tickets_expiry ON console_tickets (expires_at);

-- One who is connected. The row goes when the session ends; the audit log remembers.
CREATE TABLE console_sessions (
  id          uuid PRIMARY KEY,
  seq         bigint      GENERATED ALWAYS AS IDENTITY,
  instance_id uuid        NOT NULL REFERENCES instances ON DELETE CASCADE,
  proxy_id    uuid        NOT NULL,
  type        text        NOT NULL CHECK (type IN ('shell', 'console')),
  access      text        NOT NULL CHECK (access IN ('write', 'view')),
  options     jsonb       NOT NULL,
  who         jsonb       NOT NULL,
  address     text        NOT NULL,
  started_at  timestamptz NOT NULL DEFAULT now(),
  ending      text,                 -- why it is to end; its proxy ends it
  ending_by   text
);
CREATE UNIQUE INDEX console_sessions_seq ON console_sessions (seq);
CREATE INDEX console_sessions_instance ON console_sessions (instance_id);
CREATE INDEX console_sessions_proxy ON console_sessions (proxy_id);

-- Who holds which place of an instance: one writer for each.
CREATE TABLE console_leases (
  instance_id uuid     NOT NULL,
  type        text     NOT NULL,
  slot        integer  NOT NULL,
  session_id  uuid     NOT NULL REFERENCES console_sessions ON DELETE CASCADE,
  proxy_id    uuid     NOT NULL,
  PRIMARY KEY (instance_id, type, slot)
);
CREATE INDEX console_leases_session ON console_leases (session_id);

-- Takes the lowest free place for a session, or tells null. The places are tried in one order, so that racers cannot
-- wait for each other in a circle.
CREATE FUNCTION console_take_lease(session console_sessions, slots integer) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
  taken integer;
BEGIN
  FOR place IN 1..slots LOOP
    CONTINUE WHEN EXISTS (SELECT FROM console_leases l JOIN console_proxies p ON p.id = l.proxy_id
      WHERE l.instance_id = session.instance_id AND l.type = session.type AND l.slot = place
        AND console_proxy_lives(p.seen_at));
    INSERT INTO console_leases AS l (instance_id, type, slot, session_id, proxy_id)
    VALUES (session.instance_id, session.type, place, session.id, session.proxy_id)
    ON CONFLICT (instance_id, type, slot) DO UPDATE SET session_id = EXCLUDED.session_id, proxy_id = EXCLUDED.proxy_id
      WHERE NOT EXISTS (SELECT FROM console_proxies p WHERE p.id = l.proxy_id AND console_proxy_lives(p.seen_at))
    RETURNING l.slot INTO taken;
    IF taken IS NOT NULL THEN RETURN taken; END IF;
  END LOOP;
  RETURN NULL;
END $$;

-- Enters a ticket, and tells what the answer needs. In one function, so that its plans are made once in each connection.
-- outcome: issued | not-found | not-running | occupied (by `holders`) | nobody (to view) | no-proxy.
CREATE FUNCTION console_issue(hash bytea, ticket uuid, instance uuid, kind text, how text, aim uuid, wanted jsonb, page text,
  asker jsonb, source text, seconds integer, places integer,
  OUT outcome text, OUT name text, OUT status text, OUT host text, OUT holders text[], OUT place integer, OUT url text,
  OUT expires timestamptz) LANGUAGE plpgsql AS $$
DECLARE
  holder     record;
  has_holder boolean;
BEGIN
  SELECT i.name, i.status, h.name INTO name, status, host FROM instances i JOIN hosts h ON h.id = i.host_id
  WHERE i.id = instance;
  IF NOT FOUND THEN outcome := 'not-found'; RETURN; END IF;
  IF status <> 'running' THEN outcome := 'not-running'; RETURN; END IF;
  SELECT array_agg(DISTINCT s.who ->> 'name') INTO holders
  FROM console_leases l JOIN console_sessions s ON s.id = l.session_id JOIN console_proxies p ON p.id = l.proxy_id
  WHERE l.instance_id = instance AND l.type = kind AND console_proxy_lives(p.seen_at);
  SELECT n INTO place FROM generate_series(1, places) AS n
  WHERE holders IS NULL OR NOT EXISTS (SELECT FROM console_leases l JOIN console_proxies p ON p.id = l.proxy_id
    WHERE l.instance_id = instance AND l.type = kind AND l.slot = n AND console_proxy_lives(p.seen_at))
  ORDER BY n LIMIT 1;
  IF how = 'deny' AND place IS NULL THEN outcome := 'occupied'; RETURN; END IF;
  IF how <> 'deny' AND holders IS NOT NULL THEN
    SELECT l.slot, p.url INTO holder
    FROM console_leases l JOIN console_sessions s ON s.id = l.session_id JOIN console_proxies p ON p.id = l.proxy_id
    WHERE l.instance_id = instance AND l.type = kind AND console_proxy_lives(p.seen_at) AND (aim IS NULL OR s.id = aim)
    ORDER BY s.seq LIMIT 1;
    has_holder := FOUND;
  END IF;
  IF how = 'view' AND has_holder IS NOT TRUE THEN outcome := 'nobody'; RETURN; END IF;
  IF has_holder THEN
    url := holder.url;
    place := coalesce(place, holder.slot);
  ELSE
    SELECT p.url INTO url FROM console_proxies p WHERE console_proxy_lives(p.seen_at) ORDER BY p.started_at DESC LIMIT 1;
    IF NOT FOUND THEN outcome := 'no-proxy'; RETURN; END IF;
  END IF;
  outcome := 'issued';
  INSERT INTO console_tickets (token_hash, id, instance_id, type, mode, target_id, options, origin, who, address, expires_at)
  VALUES (hash, ticket, instance, kind, how, aim, wanted, page, asker, source, now() + make_interval(secs => seconds))
  RETURNING expires_at INTO expires;
END $$;

-- Redeems a ticket in one statement: it is used up, the session is entered, the place is taken.
-- outcome: opened | occupied | wait (for the end of `target`) | view (of `target`) | elsewhere (`target` is at another
-- proxy) | refused.
CREATE FUNCTION console_redeem(hash bytea, proxy uuid, page text, shells integer, consoles integer,
  OUT outcome text, OUT session jsonb, OUT place integer, OUT target uuid) LANGUAGE plpgsql AS $$
DECLARE
  ticket  console_tickets;
  entered console_sessions;
  aimed   console_sessions;
BEGIN
  outcome := 'refused';
  UPDATE console_tickets t SET used_at = now()
  WHERE t.token_hash = hash AND t.used_at IS NULL AND t.expires_at > now() AND t.origin IS NOT DISTINCT FROM page
  RETURNING * INTO ticket;
  IF NOT FOUND THEN RETURN; END IF;
  INSERT INTO console_sessions (id, instance_id, proxy_id, type, access, options, who, address)
  VALUES (ticket.id, ticket.instance_id, proxy, ticket.type, CASE ticket.mode WHEN 'view' THEN 'view' ELSE 'write' END,
    ticket.options, ticket.who, ticket.address)
  RETURNING * INTO entered;
  session := to_jsonb(entered);
  IF ticket.mode <> 'view' THEN
    place := console_take_lease(entered, CASE ticket.type WHEN 'shell' THEN shells ELSE consoles END);
    IF place IS NOT NULL THEN outcome := 'opened'; RETURN; END IF;
  END IF;
  -- Nothing is free, or one wants to look along: whom does it concern?
  SELECT s.* INTO aimed FROM console_sessions s JOIN console_proxies p ON p.id = s.proxy_id
  WHERE s.instance_id = ticket.instance_id AND s.type = ticket.type AND s.access = 'write' AND s.id <> ticket.id
    AND (ticket.target_id IS NULL OR s.id = ticket.target_id) AND console_proxy_lives(p.seen_at)
    AND EXISTS (SELECT FROM console_leases l WHERE l.session_id = s.id)
  ORDER BY s.seq LIMIT 1;
  target := aimed.id;
  IF aimed.id IS NULL OR ticket.mode = 'deny' THEN
    outcome := 'occupied';
  ELSIF ticket.mode = 'takeover' THEN
    outcome := 'wait';
    UPDATE console_sessions SET ending = 'taken-over', ending_by = ticket.who ->> 'name'
    WHERE id = aimed.id AND ending IS NULL;
  ELSE
    outcome := CASE WHEN aimed.proxy_id = proxy THEN 'view' ELSE 'elsewhere' END;
  END IF;
  IF outcome IN ('occupied', 'elsewhere') THEN DELETE FROM console_sessions WHERE id = entered.id; END IF;
END $$;

-- Proxies hear of sessions that are to end, or are gone, and of instances whose reach has changed.
CREATE FUNCTION console_sessions_after() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    PERFORM pg_notify('consoles', 'gone ' || OLD.id);
  ELSE
    PERFORM pg_notify('consoles', 'ending ' || NEW.id || ' ' || NEW.ending || ' ' || coalesce(NEW.ending_by, ''));
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER console_sessions_gone AFTER DELETE ON console_sessions
  FOR EACH ROW EXECUTE FUNCTION console_sessions_after();
CREATE TRIGGER console_sessions_ending AFTER UPDATE OF ending ON console_sessions
  FOR EACH ROW WHEN (NEW.ending IS NOT NULL AND OLD.ending IS DISTINCT FROM NEW.ending) EXECUTE FUNCTION console_sessions_after();

-- A console is gone with its instance: stopped, moved, missing. (Deleted: the foreign keys.)
CREATE FUNCTION instances_consoles() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.host_id <> NEW.host_id OR (NEW.status IN ('stopped', 'missing', 'error') AND OLD.status <> NEW.status) THEN
    DELETE FROM console_tickets WHERE instance_id = NEW.id;
    UPDATE console_sessions SET ending = 'instance-gone' WHERE instance_id = NEW.id AND ending IS NULL;
  ELSIF EXISTS (SELECT FROM console_sessions WHERE instance_id = NEW.id) THEN
    PERFORM pg_notify('consoles', 'reach ' || NEW.id);
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER instances_consoles AFTER UPDATE OF host_id, status, project_id, labels ON instances
  FOR EACH ROW WHEN (OLD.host_id <> NEW.host_id OR OLD.status <> NEW.status
    OR OLD.project_id IS DISTINCT FROM NEW.project_id OR OLD.labels IS DISTINCT FROM NEW.labels)
  EXECUTE FUNCTION instances_consoles();

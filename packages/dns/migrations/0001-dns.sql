-- Names of the fleet. Zones and records are written by people; `dns_published` is what servers answer with, derived from
-- them and from what sync knows of instances by dns_publish(), and `dns_changes` is how it came to be, zone by zone.

CREATE TABLE dns_zones (
  id            uuid PRIMARY KEY,
  name          text COLLATE "C" NOT NULL UNIQUE, -- lower case, no dot at the end
  prefix        cidr,                             -- of a reverse zone
  parent_id     uuid REFERENCES dns_zones (id) ON DELETE CASCADE,
  project_id    uuid REFERENCES projects (id) ON DELETE CASCADE,
  -- settings; those of a project's zone are its parent's
  ttl           integer NOT NULL,                 -- seconds
  visible       text    NOT NULL CHECK (visible IN ('all', 'public')),
  networks      cidr[]  NOT NULL,                 -- none: any
  keep_stopped  boolean NOT NULL,
  name_servers  text[]  NOT NULL,
  contact       text    NOT NULL,                 -- as a mail address
  secondaries   text[]  NOT NULL DEFAULT '{}',    -- addresses that are told of new versions
  revision      integer NOT NULL DEFAULT 1,
  created_at    timestamptz NOT NULL DEFAULT now(),
  created_by    text    NOT NULL,
  changed       bigint  NOT NULL DEFAULT 0,       -- by trigger: a larger number with each change
  CHECK ((parent_id IS NULL) = (project_id IS NULL))
);
CREATE UNIQUE INDEX dns_zones_of_project ON dns_zones (project_id, parent_id);

-- Shared secrets by which other servers fetch zones (RFC 8945).
CREATE TABLE dns_keys (
  id            uuid PRIMARY KEY,
  name          text COLLATE "C" NOT NULL UNIQUE,
  zone_id       uuid REFERENCES dns_zones (id) ON DELETE CASCADE, -- with those below it; null: all
  secret_sealed text NOT NULL,
  created_at    timestamptz NOT NULL DEFAULT now(),
  created_by    text NOT NULL
);

CREATE TABLE dns_records (
  id         uuid PRIMARY KEY,
  zone_id    uuid    NOT NULL REFERENCES dns_zones (id) ON DELETE CASCADE,
  owner      text COLLATE "C" NOT NULL, -- labels before the zone's name, lower case; empty for the zone itself
  type       integer NOT NULL,
  ttl        integer,                   -- seconds; null: the zone's
  value      text    NOT NULL,          -- as people write it (RFC 1035, 5)
  rdata      bytea   NOT NULL,          -- the same as it goes over the wire
  revision   integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL DEFAULT now(),
  created_by text    NOT NULL,
  UNIQUE (zone_id, owner, type, rdata)
);

-- The tables below are dns_publish()'s own. They have no foreign keys: with them publishing and changes of zones would lock
-- rows in different orders. What belongs to a zone that is gone is taken away by the next publishing.

-- The version of a zone (RFC 1982): never lower than the time in seconds, so that it also grows when a backup is restored.
CREATE TABLE dns_serials (
  zone_id uuid PRIMARY KEY,
  serial  bigint NOT NULL
);

CREATE TABLE dns_published (
  id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  zone_id   uuid    NOT NULL,
  owner     text COLLATE "C" NOT NULL,
  type      integer NOT NULL,
  ttl       integer NOT NULL,
  rdata     bytea   NOT NULL,
  value     text    NOT NULL,
  address   inet,                       -- of A, AAAA and PTR that come from instances
  source    text    NOT NULL CHECK (source IN ('zone', 'instance', 'record')),
  source_id uuid    NOT NULL            -- of the zone, instance or record
);
CREATE INDEX dns_published_name ON dns_published (zone_id, owner);
CREATE INDEX dns_published_source ON dns_published (source_id);
CREATE INDEX dns_published_address ON dns_published (address) WHERE address IS NOT NULL;

-- What each version of a zone removed and added. `seq` runs in the order of commits: publishing holds a lock.
CREATE TABLE dns_changes (
  seq     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  zone_id uuid    NOT NULL,
  serial  bigint  NOT NULL,
  added   boolean NOT NULL,
  owner   text COLLATE "C" NOT NULL,
  type    integer NOT NULL,
  ttl     integer NOT NULL,
  rdata   bytea   NOT NULL,
  at      timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX dns_changes_zone ON dns_changes (zone_id, seq);

-- Names to derive anew, written by whoever changes zones and records; a null owner: the whole zone.
CREATE TABLE dns_dirty (
  zone_id uuid NOT NULL,
  owner   text COLLATE "C"
);

-- What instances were called when names were derived last: a name that one has lost, stopped or not, is derived anew.
CREATE TABLE dns_labels (
  instance_id uuid PRIMARY KEY,
  label       text COLLATE "C" NOT NULL,
  project_id  uuid
);

CREATE TABLE dns_state (
  only_one      boolean PRIMARY KEY DEFAULT true CHECK (only_one),
  horizon       xid8    NOT NULL,           -- instances changed by this transaction or a later one are to be looked at
  pruned_seq    bigint  NOT NULL DEFAULT 0  -- changes up to here are forgotten
);
INSERT INTO dns_state (horizon) VALUES ('0');

-- The labels of a name as they go over the wire (RFC 1035, 3.1).
CREATE FUNCTION dns_wire_name(name text) RETURNS bytea LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT coalesce(string_agg(set_byte('\x00'::bytea, 0, octet_length(label)) || convert_to(label, 'UTF8'), ''::bytea ORDER BY n), ''::bytea)
    || '\x00'::bytea
  FROM unnest(string_to_array(name, '.')) WITH ORDINALITY AS part (label, n) WHERE label <> ''
$$;

-- The name of an address in in-addr.arpa or ip6.arpa (RFC 1035, 3.5; RFC 3596, 2.5).
CREATE FUNCTION dns_reverse_name(address inet) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE family(address)
    WHEN 4 THEN split_part(host(address), '.', 4) || '.' || split_part(host(address), '.', 3) || '.'
      || split_part(host(address), '.', 2) || '.' || split_part(host(address), '.', 1) || '.in-addr.arpa'
    ELSE regexp_replace(reverse(encode(substring(inet_send(address) FROM 5), 'hex')), '(.)', '\1.', 'g') || 'ip6.arpa'
  END
$$;

-- The address that such a name stands for; null where it is not one of a whole address.
CREATE FUNCTION dns_address_of(name text) RETURNS inet LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE
    WHEN name ~ '^([0-9]{1,3}\.){4}in-addr\.arpa$' AND pg_input_is_valid(split_part(name, '.', 4) || '.' || split_part(name, '.', 3)
      || '.' || split_part(name, '.', 2) || '.' || split_part(name, '.', 1), 'inet')
    THEN (split_part(name, '.', 4) || '.' || split_part(name, '.', 3) || '.' || split_part(name, '.', 2) || '.'
      || split_part(name, '.', 1))::inet
    WHEN name ~ '^([0-9a-f]\.){32}ip6\.arpa$'
    THEN regexp_replace(reverse(replace(left(name, 64), '.', '')), '(....)(?!$)', '\1:', 'g')::inet
  END
$$;

-- Addresses that the Internet does not route to one place (IANA's registries of special-purpose addresses).
CREATE FUNCTION dns_is_public(address inet) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT NOT address <<= ANY ('{0.0.0.0/8,10.0.0.0/8,100.64.0.0/10,127.0.0.0/8,169.254.0.0/16,172.16.0.0/12,192.0.0.0/24,
    192.0.2.0/24,192.168.0.0/16,198.18.0.0/15,198.51.100.0/24,203.0.113.0/24,224.0.0.0/3,
    ::/8,100::/64,2001:db8::/32,fc00::/7,fe80::/10,ff00::/8}'::inet[])
$$;

-- The global addresses that an instance's host shows on its own interfaces. Bridges and tunnels that a guest makes for
-- itself (Docker, Kubernetes, VPN) are no way to reach it.
CREATE FUNCTION dns_addresses(addresses jsonb) RETURNS SETOF inet LANGUAGE sql STABLE AS $$
  SELECT DISTINCT (a ->> 'address')::inet
  FROM jsonb_array_elements(addresses) AS a
  WHERE a ->> 'scope' = 'global' AND pg_input_is_valid(a ->> 'address', 'inet') AND a ->> 'address' NOT LIKE '%/%'
    AND NOT starts_with(a ->> 'address', '::ffff:')
    AND a ->> 'device' !~ '^(lo$|docker|br-|veth|virbr|lxdbr|lxcbr|incusbr|podman|cni|cali|flannel|kube|tun|tap|wg|tailscale|zt)'
$$;

CREATE SEQUENCE dns_zone_changes;
CREATE FUNCTION dns_zones_before() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.changed := nextval('dns_zone_changes');
  RETURN NEW;
END $$;
CREATE TRIGGER dns_zones_before BEFORE INSERT OR UPDATE ON dns_zones FOR EACH ROW EXECUTE FUNCTION dns_zones_before();

CREATE FUNCTION dns_zones_after() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    INSERT INTO dns_dirty (zone_id) VALUES (OLD.id);
    IF OLD.parent_id IS NOT NULL THEN
      INSERT INTO dns_dirty (zone_id, owner) SELECT p.id, left(OLD.name, -(length(p.name) + 1))
      FROM dns_zones p WHERE p.id = OLD.parent_id;
    ELSIF OLD.prefix IS NOT NULL THEN -- a wider zone takes the addresses over
      INSERT INTO dns_dirty (zone_id) SELECT id FROM dns_zones WHERE prefix >> OLD.prefix;
    END IF;
  ELSE
    INSERT INTO dns_dirty (zone_id) VALUES (NEW.id);
    IF NEW.prefix IS NOT NULL THEN
      INSERT INTO dns_dirty (zone_id) SELECT id FROM dns_zones WHERE prefix >> NEW.prefix;
    ELSE -- names in reverse zones end with the zone's
      INSERT INTO dns_dirty (zone_id) SELECT id FROM dns_zones WHERE prefix IS NOT NULL;
    END IF;
    IF NEW.parent_id IS NOT NULL THEN
      INSERT INTO dns_dirty (zone_id, owner) SELECT NEW.parent_id, left(n.name, -(length(p.name) + 1))
      FROM (SELECT name FROM dns_zones WHERE id = NEW.parent_id) AS p,
        LATERAL (SELECT NEW.name AS name UNION SELECT OLD.name WHERE TG_OP = 'UPDATE') AS n (name);
    END IF;
  END IF;
  PERFORM pg_notify('dns_dirty', '');
  RETURN NULL;
END $$;
CREATE TRIGGER dns_zones_after AFTER INSERT OR DELETE OR UPDATE OF name, ttl, visible, networks, keep_stopped, name_servers, contact
  ON dns_zones FOR EACH ROW EXECUTE FUNCTION dns_zones_after();

-- Each project has a zone below each forward zone, named for it.
CREATE FUNCTION dns_projects_after() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    PERFORM dns_add_project_zone(z, NEW.id, NEW.name) FROM dns_zones z WHERE z.parent_id IS NULL AND z.prefix IS NULL;
  ELSE
    UPDATE dns_zones z SET name = NEW.name || '.' || p.name, revision = z.revision + 1
    FROM dns_zones p WHERE p.id = z.parent_id AND z.project_id = NEW.id;
  END IF;
  RETURN NULL;
END $$;
CREATE FUNCTION dns_add_project_zone(z dns_zones, project uuid, project_name text) RETURNS void LANGUAGE sql AS $$
  INSERT INTO dns_zones (id, name, parent_id, project_id, ttl, visible, networks, keep_stopped, name_servers, contact, secondaries, created_by)
  VALUES (gen_random_uuid(), project_name || '.' || z.name, z.id, project, z.ttl, z.visible, z.networks, z.keep_stopped,
    z.name_servers, z.contact, z.secondaries, z.created_by)
$$;
CREATE TRIGGER dns_projects_after AFTER INSERT OR UPDATE OF name ON projects
  FOR EACH ROW EXECUTE FUNCTION dns_projects_after();

CREATE FUNCTION dns_records_after() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP <> 'INSERT' THEN
    INSERT INTO dns_dirty (zone_id, owner) VALUES (OLD.zone_id, OLD.owner);
  END IF;
  IF TG_OP <> 'DELETE' THEN
    INSERT INTO dns_dirty (zone_id, owner) VALUES (NEW.zone_id, NEW.owner);
  END IF;
  PERFORM pg_notify('dns_dirty', '');
  RETURN NULL;
END $$;
CREATE TRIGGER dns_records_after AFTER INSERT OR UPDATE OR DELETE ON dns_records
  FOR EACH ROW EXECUTE FUNCTION dns_records_after();

-- Who has a name: of the instances that are called so in the zone's part of the fleet, one that a person stands for, then
-- the older one. It keeps the name while it is stopped, so that no other can take it by waiting.
CREATE FUNCTION dns_holder(z dns_zones, label text) RETURNS SETOF instances LANGUAGE sql STABLE AS $$
  SELECT i.* FROM instances i
  WHERE lower(i.name) = label AND i.status NOT IN ('missing', 'pending') AND i.project_id IS NOT DISTINCT FROM z.project_id
    AND z.prefix IS NULL AND label ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'
    AND NOT EXISTS (SELECT FROM dns_zones c WHERE c.parent_id = z.id AND c.name = label || '.' || z.name)
  ORDER BY i.claimed DESC, i.added_at, i.id LIMIT 1
$$;

-- Derives names anew, from whatever their records come, writes what differs, and gives the zones it touched a new version.
-- What is wanted and what is there are compared by a full join, which is never done row by row: 100,000 names may be new.
CREATE FUNCTION dns_apply(names dns_dirty[]) RETURNS SETOF dns_published LANGUAGE plpgsql AS $$
BEGIN
  RETURN QUERY
  WITH d AS MATERIALIZED (
    SELECT z.*, n.owner, EXISTS (SELECT FROM dns_zones c WHERE c.parent_id = z.id AND c.name = n.owner || '.' || z.name) AS is_cut
    FROM (SELECT DISTINCT zone_id, owner FROM unnest(names) WHERE owner IS NOT NULL) AS n JOIN dns_zones z ON z.id = n.zone_id),
  holder AS MATERIALIZED ( -- see dns_holder()
    SELECT DISTINCT ON (d.id, d.owner) d.id AS zone_id, d.owner, d.ttl, d.visible, d.networks, d.keep_stopped,
      i.id AS instance_id, i.status, i.addresses
    FROM d JOIN instances i ON lower(i.name) = d.owner AND i.project_id IS NOT DISTINCT FROM d.project_id
    WHERE d.prefix IS NULL AND NOT d.is_cut AND i.status NOT IN ('missing', 'pending')
      AND d.owner ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'
    ORDER BY d.id, d.owner, i.claimed DESC, i.added_at, i.id),
  wanted AS MATERIALIZED (
    -- Name servers of the zone, and of a project's zone below it.
    SELECT d.id AS zone_id, d.owner, 2 AS type, d.ttl, dns_wire_name(n) AS rdata, n || '.' AS value, NULL::inet AS address,
      'zone' AS source, d.id AS source_id
    FROM d, unnest(d.name_servers) AS n WHERE d.owner = '' OR d.is_cut
    UNION ALL
    SELECT h.zone_id, h.owner, CASE family(a) WHEN 4 THEN 1 ELSE 28 END, h.ttl, substring(inet_send(a) FROM 5), host(a), a,
      'instance', h.instance_id
    FROM holder h, dns_addresses(h.addresses) AS a
    WHERE h.status IN ('running', 'frozen') AND (h.visible = 'all' OR dns_is_public(a))
      AND (h.networks = '{}' OR a <<= ANY (h.networks::inet[]))
    UNION ALL
    SELECT h.zone_id, h.owner, p.type, h.ttl, p.rdata, p.value, p.address, 'instance', h.instance_id
    FROM holder h JOIN dns_published p ON p.zone_id = h.zone_id AND p.owner = h.owner AND p.source_id = h.instance_id
    WHERE h.status NOT IN ('running', 'frozen') AND h.keep_stopped
    UNION ALL
    -- An address has the name of the instance that showed it first, for as long as that shows it: whoever takes another's
    -- address does not take its name.
    SELECT d.id, d.owner, 12, d.ttl, dns_wire_name(r.target), r.target || '.', r.address, 'instance', r.source_id
    FROM d, LATERAL (
      SELECT p.owner || '.' || f.name AS target, p.address, p.source_id
      FROM dns_published p JOIN dns_zones f ON f.id = p.zone_id LEFT JOIN dns_zones top ON top.id = f.parent_id
      WHERE p.address = dns_address_of(d.owner || '.' || d.name) AND p.type IN (1, 28)
        AND NOT EXISTS (SELECT FROM dns_zones n WHERE n.prefix << d.prefix AND p.address <<= n.prefix)
      ORDER BY coalesce(top.created_at, f.created_at), p.id LIMIT 1) AS r
    WHERE d.prefix IS NOT NULL
      AND NOT EXISTS (SELECT FROM dns_records r WHERE r.zone_id = d.id AND r.owner = d.owner AND r.type = 12)
    UNION ALL
    -- Records of people; an instance's own addresses win over them, and a CNAME stands alone (RFC 1034, 3.6.2).
    SELECT d.id, d.owner, r.type, min(coalesce(r.ttl, d.ttl)) OVER (PARTITION BY d.id, d.owner, r.type), r.rdata, r.value,
      NULL::inet, 'record', r.id
    FROM d JOIN dns_records r ON r.zone_id = d.id AND r.owner = d.owner
    WHERE NOT d.is_cut
      AND NOT (r.type IN (1, 28, 5) AND EXISTS (SELECT FROM holder h WHERE h.zone_id = d.id AND h.owner = d.owner))
      AND NOT (r.type = 5 AND EXISTS (
        SELECT FROM dns_records o WHERE o.zone_id = d.id AND o.owner = d.owner AND o.id <> r.id AND (o.type <> 5 OR o.id < r.id)))),
  present AS MATERIALIZED (
    SELECT p.* FROM d JOIN dns_published p ON p.zone_id = d.id AND p.owner = d.owner),
  differs AS MATERIALIZED (
    SELECT e.id AS gone_id, w.* FROM wanted w FULL JOIN present e ON w.zone_id = e.zone_id AND w.owner = e.owner
      AND w.type = e.type AND w.rdata = e.rdata AND w.ttl = e.ttl AND w.source_id = e.source_id
    WHERE w.zone_id IS NULL OR e.id IS NULL),
  gone AS (
    DELETE FROM dns_published p WHERE p.id IN (SELECT x.gone_id FROM differs x WHERE x.gone_id IS NOT NULL) RETURNING p.*),
  come AS (
    INSERT INTO dns_published (zone_id, owner, type, ttl, rdata, value, address, source, source_id)
    SELECT x.zone_id, x.owner, x.type, x.ttl, x.rdata, x.value, x.address, x.source, x.source_id
    FROM differs x WHERE x.gone_id IS NULL
    RETURNING *),
  moved AS (SELECT false AS added, gone.* FROM gone UNION ALL SELECT true, come.* FROM come),
  touched AS (
    INSERT INTO dns_serials AS s (zone_id, serial)
    SELECT zone_id, extract(epoch FROM clock_timestamp())::bigint
    FROM (SELECT zone_id FROM moved UNION SELECT n.zone_id FROM unnest(names) AS n JOIN dns_zones z ON z.id = n.zone_id
      WHERE n.owner IS NULL) AS t
    ON CONFLICT (zone_id) DO UPDATE SET serial = greatest(s.serial + 1, EXCLUDED.serial)
    RETURNING s.zone_id AS id, s.serial),
  noted AS (
    INSERT INTO dns_changes (zone_id, serial, added, owner, type, ttl, rdata)
    SELECT b.zone_id, t.serial, b.added, b.owner, b.type, b.ttl, b.rdata FROM moved b JOIN touched t ON t.id = b.zone_id
    ORDER BY t.serial, b.zone_id, b.added)
  SELECT m.id, m.zone_id, m.owner, m.type, m.ttl, m.rdata, m.value, m.address, m.source, m.source_id
  FROM moved m;
END $$;

-- Brings what is published up to zones, records and instances; one at a time, over all processes. Returns how many records
-- came or went.
CREATE FUNCTION dns_publish() RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
  state    dns_state;
  now_at   xid8;
  names    dns_dirty[];
  more     dns_dirty[];
  changed  inet[];
  moved    integer;
  reversed integer;
BEGIN
  SELECT * INTO state FROM dns_state FOR UPDATE;
  IF NOT EXISTS (SELECT FROM dns_zones) AND NOT EXISTS (SELECT FROM dns_dirty) THEN RETURN 0; END IF;
  now_at := pg_snapshot_xmin(pg_current_snapshot());
  -- Transactions are numbered anew in a restored database.
  IF state.horizon > now_at THEN state.horizon := '0'; END IF;
  WITH taken AS (DELETE FROM dns_dirty RETURNING *),
  touched AS MATERIALIZED (
    SELECT i.id, lower(i.name) AS label, i.project_id FROM instances i WHERE i.summary_txid >= state.horizon),
  ids AS MATERIALIZED (
    SELECT id FROM touched UNION SELECT r.id FROM instance_removals r WHERE r.txid >= state.horizon),
  lost AS (DELETE FROM dns_labels l USING ids WHERE l.instance_id = ids.id AND NOT EXISTS (SELECT FROM touched t WHERE t.id = ids.id)
    RETURNING l.label, l.project_id),
  kept AS (INSERT INTO dns_labels AS l (instance_id, label, project_id) SELECT id, label, project_id FROM touched
    ON CONFLICT (instance_id) DO UPDATE SET label = EXCLUDED.label, project_id = EXCLUDED.project_id
    WHERE (l.label, l.project_id) IS DISTINCT FROM (EXCLUDED.label, EXCLUDED.project_id)),
  called AS (SELECT label, project_id FROM touched UNION SELECT label, project_id FROM lost
    UNION SELECT l.label, l.project_id FROM touched t JOIN dns_labels l ON l.instance_id = t.id),
  all_of AS (
    SELECT z.id AS zone_id, n.owner FROM (SELECT DISTINCT zone_id FROM taken WHERE owner IS NULL) t
    JOIN dns_zones z ON z.id = t.zone_id, LATERAL (
      SELECT ''::text AS owner
      UNION SELECT p.owner FROM dns_published p WHERE p.zone_id = z.id
      UNION SELECT r.owner FROM dns_records r WHERE r.zone_id = z.id
      UNION SELECT left(c.name, -(length(z.name) + 1)) FROM dns_zones c WHERE c.parent_id = z.id
      UNION SELECT lower(i.name) FROM instances i WHERE z.prefix IS NULL AND i.project_id IS NOT DISTINCT FROM z.project_id
      UNION SELECT left(dns_reverse_name(p.address), -(length(z.name) + 1)) FROM dns_published p WHERE p.address <<= z.prefix) AS n)
  SELECT array_agg(ROW(u.zone_id, u.owner)::dns_dirty) INTO names FROM (
    SELECT * FROM taken UNION SELECT * FROM all_of
    UNION SELECT z.id, c.label FROM called c JOIN dns_zones z ON z.prefix IS NULL AND z.project_id IS NOT DISTINCT FROM c.project_id
    UNION SELECT p.zone_id, p.owner FROM ids JOIN dns_published p ON p.source_id = ids.id) AS u;
  IF names IS NULL THEN RETURN 0; END IF;
  DELETE FROM dns_published p USING unnest(names) AS n
  WHERE n.owner IS NULL AND p.zone_id = n.zone_id AND NOT EXISTS (SELECT FROM dns_zones z WHERE z.id = n.zone_id);
  DELETE FROM dns_changes c USING unnest(names) AS n
  WHERE n.owner IS NULL AND c.zone_id = n.zone_id AND NOT EXISTS (SELECT FROM dns_zones z WHERE z.id = n.zone_id);
  DELETE FROM dns_serials s USING unnest(names) AS n
  WHERE n.owner IS NULL AND s.zone_id = n.zone_id AND NOT EXISTS (SELECT FROM dns_zones z WHERE z.id = n.zone_id);
  SELECT count(*), array_agg(DISTINCT a.address) FILTER (WHERE a.address IS NOT NULL) INTO moved, changed FROM dns_apply(names) AS a;
  IF changed IS NOT NULL THEN
    SELECT array_agg(ROW(z.id, left(dns_reverse_name(c), -(length(z.name) + 1)))::dns_dirty) INTO more
    FROM unnest(changed) AS c JOIN dns_zones z ON c <<= z.prefix;
    IF more IS NOT NULL THEN
      SELECT count(*) INTO reversed FROM dns_apply(more);
      moved := moved + reversed;
    END IF;
  END IF;
  UPDATE dns_state SET horizon = now_at;
  PERFORM pg_notify('dns', '');
  RETURN moved;
END $$;

-- The outbox: what changed, written in the transaction that changed it, read by every process that has listeners.
--
-- A reader goes on after (txid, seq) and takes only transactions older than every one still running
-- (txid < pg_snapshot_xmin): sequence numbers alone would skip what a slow transaction commits later.
CREATE TABLE outbox (
  txid        xid8        NOT NULL DEFAULT pg_current_xact_id(),
  seq         bigint      GENERATED ALWAYS AS IDENTITY,
  at          timestamptz NOT NULL DEFAULT clock_timestamp(),
  type        text        NOT NULL,
  resource_id text        NOT NULL,
  host_id     uuid,
  data        jsonb       NOT NULL DEFAULT '{}',
  PRIMARY KEY (txid, seq)
);
CREATE INDEX outbox_at ON outbox (at);

CREATE FUNCTION outbox_add(event_type text, resource text, host uuid, event_data jsonb) RETURNS void
LANGUAGE sql AS $$
  INSERT INTO outbox (type, resource_id, host_id, data) VALUES (event_type, resource, host, event_data);
  SELECT pg_notify('outbox', '');
$$;

-- How far the outbox has been pruned: a reader that stands before this has lost events.
CREATE TABLE outbox_pruned (
  only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one),
  txid     xid8   NOT NULL,
  seq      bigint NOT NULL
);
INSERT INTO outbox_pruned (txid, seq) VALUES ('0', 0);

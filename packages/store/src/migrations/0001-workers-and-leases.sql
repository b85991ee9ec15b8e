-- Job workers. A worker whose row says dead must take a new id: its jobs have gone to others.
create table store_workers (
  id text primary key,
  seen_at timestamptz not null default now(),
  dead_at timestamptz
);

-- Leases. A row outlives its owners, so that the fence of a (kind, key) never goes back.
create table store_leases (
  kind text not null,
  key text not null,
  owner text,
  fence bigint not null default 0,
  expires_at timestamptz,
  primary key (kind, key)
);
create index store_leases_by_owner on store_leases (kind, owner) where owner is not null;

-- Who takes part in sharing out the keys of a kind.
create table store_share_members (
  kind text not null,
  member text not null,
  expires_at timestamptz not null,
  primary key (kind, member)
);

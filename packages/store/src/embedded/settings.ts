/** PostgreSQL settings by name. */
export type PostgresSettings = Readonly<Record<string, string>>;

/**
 * Settings of the embedded server. The first three were measured: together they bring the idle server from
 * 25.9 to 15.0 MiB (PSS over all its processes) at no loss of commits per second; see decision 0001.
 */
export const embeddedSettings: PostgresSettings = {
  shared_buffers: '16MB',
  max_connections: '30',
  io_method: 'sync',
  // An acknowledged write is on disk: Longshore's promise rests on these three.
  fsync: 'on',
  full_page_writes: 'on',
  synchronous_commit: 'on',
  // Reachable through the private socket folder and nothing else.
  listen_addresses: '',
  unix_socket_permissions: '0700',
  // No replica is ever fed from the embedded server; it writes less this way.
  wal_level: 'minimal',
  max_wal_senders: '0',
  max_logical_replication_workers: '0',
  min_wal_size: '32MB',
  max_wal_size: '256MB',
  // Our statements are short; compiling them costs more than it gains.
  jit: 'off',
  max_parallel_workers_per_gather: '0',
  autovacuum_max_workers: '2',
  random_page_cost: '1.1',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_destination: 'stderr',
  log_line_prefix: '',
  logging_collector: 'off',
  cluster_name: 'longshore',
};

/** As `-c name=value` arguments; later ones win. */
export function settingArguments(...layers: readonly PostgresSettings[]): readonly string[] {
  const merged: PostgresSettings = Object.assign({}, ...layers);
  return Object.entries(merged).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

/** Every code a {@link StoreError} can carry. Callers match on these, never on messages. */
export const storeErrorCodes = [
  'postgres_unsupported_platform',
  'postgres_binaries_broken',
  'postgres_no_user',
  'postgres_data_unreachable',
  'postgres_data_not_ours',
  'postgres_data_wrong_major',
  'postgres_data_in_use',
  'postgres_start_failed',
  'postgres_start_aborted',
  'database_unreachable',
  'store_closed',
  'migration_invalid',
  'migration_changed',
  'migration_failed',
  'migration_out_of_order',
  'database_newer',
  'job_payload_invalid',
  'job_fence_lost',
  'lease_lost',
  'key_file_invalid',
  'key_file_too_open',
  'key_unknown',
  'sealed_value_invalid',
  'sealed_value_tampered',
  'backup_invalid',
  'backup_schema_mismatch',
  'restore_not_empty',
] as const;

/** The stable name of one kind of failure of the store. */
export type StoreErrorCode = (typeof storeErrorCodes)[number];

/** A failure of the store. The message says what failed, on what, and what the person can do about it. */
export class StoreError extends Error {
  override readonly name = 'StoreError';
  readonly code: StoreErrorCode;

  constructor(code: StoreErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** The code of a PostgreSQL or Node system error (`57P03`, `ECONNREFUSED`, …), or undefined. */
export function systemCodeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** Any thrown value's message, for logs and wrapped errors. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message || error.name : String(error);
}

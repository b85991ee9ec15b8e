import type { Generated } from '@longshore/store';
import type { JsonColumnWithDefault } from '../operations/operations-table.ts';

/** Table `guest_keys`: what one account of one guest has of ours. */
export interface GuestKeysTable {
  readonly instance_id: string;
  readonly username: string;
  readonly state: 'in_step' | 'pending' | 'unreachable' | 'failed' | 'no_user';
  readonly reason: string | null;
  readonly since: Generated<Date>;
  readonly checked_at: Date | null;
  readonly wanted: Generated<string>;
  readonly boot: Generated<string>;
  readonly present: JsonColumnWithDefault;
  readonly tries: Generated<number>;
}

declare module '@longshore/store' {
  interface Database {
    guest_keys: GuestKeysTable;
  }
}

import type { Generated } from '@longshore/store';

/** One thing that changed. The transaction identifier is text: it is 64 bits wide and only compared. */
export interface OutboxTable {
  readonly txid: Generated<string>;
  readonly seq: Generated<number>;
  readonly at: Generated<Date>;
  readonly type: string;
  readonly resource_id: string;
  readonly host_id: string | null;
  readonly data: unknown;
}

declare module '@longshore/store' {
  interface Database {
    outbox: OutboxTable;
  }
}

import type { Generated } from '@longshore/store';

/** Table `dns_zones`. */
export interface DnsZonesTable {
  readonly id: string;
  readonly name: string;
  readonly prefix: string | null;
  readonly parent_id: string | null;
  readonly project_id: string | null;
  readonly ttl: number;
  readonly visible: 'all' | 'public';
  readonly networks: readonly string[];
  readonly keep_stopped: boolean;
  readonly name_servers: readonly string[];
  readonly contact: string;
  readonly secondaries: Generated<readonly string[]>;
  readonly revision: Generated<number>;
  readonly created_at: Generated<Date>;
  readonly created_by: string;
}

/** Table `dns_records`. */
export interface DnsRecordsTable {
  readonly id: string;
  readonly zone_id: string;
  readonly owner: string;
  readonly type: number;
  readonly ttl: number | null;
  readonly value: string;
  readonly rdata: Buffer;
  readonly revision: Generated<number>;
  readonly created_at: Generated<Date>;
  readonly created_by: string;
}

declare module '@longshore/store' {
  interface Database {
    dns_zones: DnsZonesTable;
    dns_records: DnsRecordsTable;
  }
}

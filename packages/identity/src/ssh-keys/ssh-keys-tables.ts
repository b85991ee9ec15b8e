import type { Generated } from '@longshore/store';

/** One public key of a person, from one source. */
export interface SshKeysTable {
  readonly id: string;
  readonly person_id: string;
  readonly account_id: string | null;
  readonly type: string;
  readonly bits: number;
  readonly fingerprint: string;
  readonly public_key: string;
  readonly comment: string;
  readonly created_at: Generated<Date>;
  readonly expires_at: Date | null;
}

/** How the keys of an account at a provider stand. */
export interface SshKeySourcesTable {
  readonly account_id: string;
  readonly state: 'fresh' | 'failing' | 'refused';
  readonly fetched_at: Date | null;
  readonly failure: string | null;
  readonly failures: Generated<number>;
}

declare module '@longshore/store' {
  interface Database {
    ssh_keys: SshKeysTable;
    ssh_key_sources: SshKeySourcesTable;
  }
}

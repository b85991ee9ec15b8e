import type { Generated } from '@longshore/store';

/** One bearer token. */
export interface TokensTable {
  readonly id: string;
  readonly name: string;
  readonly secret_hash: Buffer;
  readonly scopes: string[];
  readonly created_at: Generated<Date>;
  readonly created_by: string;
  readonly expires_at: Date | null;
  readonly revoked_at: Date | null;
  readonly last_used_at: Date | null;
  /** Whose token it is; null: a robot's. */
  readonly person_id: string | null;
}

/** One code of a set-up link. */
export interface SetupCodesTable {
  readonly code_hash: Buffer;
  readonly created_at: Generated<Date>;
  readonly expires_at: Date;
  readonly used_at: Date | null;
}

declare module '@longshore/store' {
  interface Database {
    tokens: TokensTable;
    setup_codes: SetupCodesTable;
  }
}

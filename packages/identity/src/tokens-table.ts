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
  /** Of a person's: the only projects in which it may do anything; null: no such limit. */
  readonly project_ids: string[] | null;
  /** Of a robot's: the project that made it. */
  readonly home_project_id: string | null;
  readonly last_used_from: string | null;
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

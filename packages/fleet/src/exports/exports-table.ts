import type { Generated, Selectable } from '@longshore/store';

/** Table `exports`: files that Longshore keeps for people to download. */
export interface ExportsTable {
  readonly id: string;
  readonly instance_id: string;
  readonly instance_name: string;
  /** Below the data directory of the process that wrote it. */
  readonly path: string;
  readonly size_bytes: number;
  readonly sha256: string;
  readonly created_at: Generated<Date>;
  readonly expires_at: Date;
  /** Of the instance, at the time; written by a trigger. */
  readonly project_id: Generated<string | null>;
}

export type ExportRow = Selectable<ExportsTable>;

declare module '@longshore/store' {
  interface Database {
    exports: ExportsTable;
  }
}

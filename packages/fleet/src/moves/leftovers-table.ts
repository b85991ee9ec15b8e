import type { Generated } from '@longshore/store';

/** Table `move_leftovers`: halves of moves that still have to be taken away from a host. */
export interface MoveLeftoversTable {
  readonly operation_id: string;
  readonly host_id: string;
  readonly lxd_project: string;
  readonly name: string;
  readonly instance_id: string;
  /** Configuration key that holds the operation on this half. */
  readonly mark: string;
  readonly noted_at: Generated<Date>;
}

declare module '@longshore/store' {
  interface Database {
    move_leftovers: MoveLeftoversTable;
  }
}

import type { Generated } from '@longshore/store';

/** Table `bindings`: one role of one subject at one place. */
export interface BindingsTable {
  readonly id: string;
  readonly subject_kind: 'person' | 'group' | 'robot';
  /** Identifier of a person or of a robot's token, or `PROVIDER:GROUP`. */
  readonly subject: string;
  readonly role: 'viewer' | 'operator' | 'admin' | 'auditor';
  readonly scope_kind: 'fleet' | 'project' | 'host' | 'label';
  /** Identifier of a project or host, `KEY=VALUE` of a label, empty for the fleet. */
  readonly scope: string;
  /** `group`: the person has it by a group, and loses it with the group. */
  readonly source: Generated<'direct' | 'group'>;
  readonly created_at: Generated<Date>;
}

declare module '@longshore/store' {
  interface Database {
    bindings: BindingsTable;
  }
}

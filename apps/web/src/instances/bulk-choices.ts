import type { CallInput, Routes } from '@longshore/contract';
import { type InstanceAction, type InstanceFacts, whyNotInstance } from '../permissions/why-not.ts';

export type BulkVerb = 'start' | 'stop' | 'restart' | 'freeze' | 'unfreeze' | 'snapshot' | 'move' | 'delete';
export type BulkBody = NonNullable<CallInput<Routes['bulk']>['body']>;

export const BULK_VERBS = [
  'start',
  'stop',
  'restart',
  'freeze',
  'unfreeze',
  'snapshot',
  'move',
  'delete',
] as const satisfies readonly (BulkVerb & InstanceAction)[];

/** Which of the chosen an action is for, and why the others are left out. */
export type BulkChoice = Readonly<{
  verb: BulkVerb;
  ids: readonly string[];
  /** Reason, and how many are left out for it. */
  leftOut: ReadonlyMap<string, number>;
}>;

/** For each action the rows whose state allows it. */
export function bulkChoices(
  rows: readonly (InstanceFacts & Readonly<{ id: string }>)[],
): readonly BulkChoice[] {
  return BULK_VERBS.map((verb) => {
    const ids: string[] = [];
    const leftOut = new Map<string, number>();
    for (const row of rows) {
      const reason = whyNotInstance(verb, row);
      if (reason === null) ids.push(row.id);
      else leftOut.set(reason, (leftOut.get(reason) ?? 0) + 1);
    }
    return { verb, ids, leftOut };
  });
}

/** The request for an action on many. */
export function bulkBody(
  choice: BulkChoice,
  options: Readonly<{ force: boolean; snapshot: string; host: string }>,
): BulkBody {
  const instances = [...choice.ids];
  const { force, snapshot, host } = options;
  switch (choice.verb) {
    case 'snapshot':
      return { instances, action: { do: 'snapshot', snapshot: { name: snapshot } } };
    case 'move':
      return { instances, action: { do: 'move', move: { placement: host === '' ? {} : { host }, force } } };
    case 'delete':
      return { instances, action: { do: 'delete', force } };
    case 'start':
    case 'stop':
    case 'restart':
    case 'freeze':
    case 'unfreeze':
      return {
        instances,
        action: {
          do: 'power',
          power: {
            action: choice.verb,
            force: force && (choice.verb === 'stop' || choice.verb === 'restart'),
          },
        },
      };
  }
}

import type { Operation } from '@longshore/contract';
import { t } from '../texts/texts.ts';

/** What an operation does to what, in words. */
export function operationTitle(operation: Pick<Operation, 'action' | 'target' | 'steps'>): string {
  // Which power it was, its first step says.
  const verb = operation.action === 'instance.power' ? operation.steps[0]?.name : undefined;
  if (verb !== undefined && isPower(verb)) return t.power.title(verb, operation.target.name);
  return t.actions[operation.action](operation.target.name);
}

function isPower(name: string): name is keyof typeof t.power.verbs {
  return Object.hasOwn(t.power.verbs, name);
}

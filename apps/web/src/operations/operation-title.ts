import type { Operation } from '@longshore/contract';
import { t } from '../texts/texts.ts';

/** What an operation does to what, in words. */
export function operationTitle(operation: Pick<Operation, 'action' | 'target'>): string {
  return `${t.actions[operation.action]} ${operation.target.name}`;
}

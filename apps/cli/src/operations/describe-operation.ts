import type { Operation, OperationAction } from '@longshore/contract';

const DOING: Readonly<Record<OperationAction, string>> = {
  'host.probe': 'look at',
  'host.enrol': 'enrol',
  'host.re-pin': 're-pin',
  'host.remove': 'remove',
  'host.sync': 'read',
  'instance.create': 'create',
  'instance.power': 'change the power of',
  'instance.rename': 'rename',
  'instance.configure': 'configure',
  'instance.delete': 'delete',
  'instance.move': 'move',
  'instance.copy': 'copy',
  'instance.export': 'export',
  'instance.import': 'import',
  'instance.snapshot.create': 'take a snapshot of',
  'instance.snapshot.restore': 'restore a snapshot of',
  'instance.snapshot.delete': 'delete a snapshot of',
  'instance.host-keys.rotate': 'make new SSH host keys for',
  'instance.host-keys.import': 'import SSH host keys of',
  'image.copy': 'copy image',
  'image.remove': 'remove image',
  bulk: 'change',
};

/** What an operation does, in words: `move web1`. */
export function describeOperation(operation: Operation): string {
  return `${DOING[operation.action]} ${operation.target.name}`;
}

/** How far an operation is: its running step, percent, and items of a bulk operation; empty when there is nothing to say. */
export function progressText(operation: Operation): string {
  const parts: string[] = [];
  const { items } = operation;
  if (items !== null) {
    parts.push(`${items.succeeded + items.failed + items.cancelled} of ${items.total}`);
    if (items.failed > 0) parts.push(`${items.failed} failed`);
  }
  const step = operation.steps.findLast((each) => each.status === 'running') ?? operation.steps.at(-1);
  if (step !== undefined) parts.push(step.name);
  if (operation.progressPercent !== null && operation.endedAt === null)
    parts.push(`${Math.round(operation.progressPercent)} %`);
  if (operation.status === 'queued') parts.push('queued');
  if (operation.status === 'cancelling') parts.push('cancelling');
  if (operation.attempts > 1) parts.push(`attempt ${operation.attempts}`);
  return parts.join(', ');
}

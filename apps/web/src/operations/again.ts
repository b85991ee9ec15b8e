import type { CallInput, Operation, Routes } from '@longshore/contract';

type PowerBody = NonNullable<CallInput<Routes['powerInstance']>['body']>;

/**
 * How an operation that failed is asked for once more. The API does not give back what was asked for, so only what the
 * operation itself tells whole is sent again; for the rest there is the form that it came from.
 */
export type Again =
  | Readonly<{ how: 'power'; id: string; body: PowerBody }>
  | Readonly<{ how: 'export'; id: string }>
  | Readonly<{ how: 'sync'; id: string }>
  | Readonly<{ how: 'form'; path: string }>;

const POWERS = ['start', 'stop', 'restart', 'freeze', 'unfreeze'] as const;

/** What to do to ask for an operation again; null for what did not fail, and for what is asked for by its parent. */
export function againOf(
  operation: Pick<Operation, 'action' | 'status' | 'target' | 'steps' | 'parentId'>,
): Again | null {
  if (operation.status !== 'failed' && operation.status !== 'cancelled') return null;
  const { id } = operation.target;
  const tab = (name: string): Again => ({
    how: 'form',
    path: id === null ? '/instances' : `/instances/${id}?tab=${name}`,
  });
  switch (operation.action) {
    case 'instance.power': {
      // Its first step is called as what was asked for.
      const action = POWERS.find((power) => power === operation.steps[0]?.name);
      return id === null || action === undefined ? tab('overview') : { how: 'power', id, body: { action } };
    }
    case 'instance.export':
      return id === null ? tab('exports') : { how: 'export', id };
    case 'host.sync':
      return id === null ? { how: 'form', path: '/hosts' } : { how: 'sync', id };
    case 'instance.create':
      return { how: 'form', path: '/instances/new' };
    case 'instance.configure':
      return tab('configuration');
    case 'instance.snapshot.create':
    case 'instance.snapshot.restore':
    case 'instance.snapshot.delete':
      return tab('snapshots');
    case 'instance.rename':
    case 'instance.move':
    case 'instance.copy':
    case 'instance.delete':
      return tab('danger');
    case 'host.probe':
    case 'host.enrol':
      return { how: 'form', path: '/hosts/enrol' };
    case 'host.re-pin':
    case 'host.remove':
      return { how: 'form', path: id === null ? '/hosts' : `/hosts/${id}?tab=settings` };
    case 'image.copy':
    case 'image.remove':
      return { how: 'form', path: '/images' };
    case 'bulk':
    case 'instance.import':
      return { how: 'form', path: '/instances' };
    default:
      return null;
  }
}

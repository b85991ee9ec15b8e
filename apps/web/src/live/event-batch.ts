import type { FleetEvent } from '@longshore/contract';

/** What changed since the last refresh; one entry per object, however often it changed. */
export type EventBatch = Readonly<{
  /** Events were lost: read everything again. */
  reset: boolean;
  instances: ReadonlySet<string>;
  removedInstances: ReadonlySet<string>;
  hosts: ReadonlySet<string>;
  operations: ReadonlySet<string>;
  images: boolean;
  projects: boolean;
}>;

export const EMPTY_BATCH: EventBatch = {
  reset: false,
  instances: new Set(),
  removedInstances: new Set(),
  hosts: new Set(),
  operations: new Set(),
  images: false,
  projects: false,
};

/** The batch with one more event. */
export function addToBatch(batch: EventBatch, event: FleetEvent): EventBatch {
  const { resourceId: id } = event;
  switch (event.type) {
    case 'instance.changed':
    case 'instance.expiring':
      return {
        ...batch,
        instances: including(batch.instances, id),
        removedInstances: without(batch.removedInstances, id),
      };
    case 'instance.removed':
      return {
        ...batch,
        instances: without(batch.instances, id),
        removedInstances: including(batch.removedInstances, id),
      };
    case 'host.changed':
    case 'host.removed':
      return { ...batch, hosts: including(batch.hosts, id) };
    case 'operation.changed':
      return { ...batch, operations: including(batch.operations, id) };
    case 'image.changed':
    case 'image.removed':
      return { ...batch, images: true };
    case 'project.changed':
    case 'project.removed':
      return { ...batch, projects: true };
    case 'instance.use': // comes only to who asks for it
      return batch;
    case 'stream.reset':
      return { ...batch, reset: true };
  }
}

function including(set: ReadonlySet<string>, id: string): ReadonlySet<string> {
  return set.has(id) ? set : new Set(set).add(id);
}

function without(set: ReadonlySet<string>, id: string): ReadonlySet<string> {
  if (!set.has(id)) return set;
  const rest = new Set(set);
  rest.delete(id);
  return rest;
}

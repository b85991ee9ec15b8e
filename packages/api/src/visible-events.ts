import type { FleetEvent } from '@longshore/contract';
import type { Subscription } from '@longshore/events';
import type { Access, AccessReach } from '@longshore/identity';

/** A stream without the events of what somebody may not see. It ends, and begins anew, when their roles change. */
export function visibleEvents(subscription: Subscription, access: Access): Subscription {
  const reach = access.reach('events:read');
  if (reach === 'all') return subscription;
  const images = access.permits('images:read');
  return {
    position: subscription.position,
    async *[Symbol.asyncIterator]() {
      for await (const event of subscription) if (isVisible(event, reach, images)) yield event;
    },
  };
}

function isVisible(event: FleetEvent, reach: Exclude<AccessReach, 'all'>, images: boolean): boolean {
  const { projectId, requesterId, targetKind, labels } = event.data;
  switch (event.type) {
    case 'stream.reset':
      return true;
    case 'image.changed':
    case 'image.removed':
      return images;
    case 'host.changed':
    case 'host.removed':
      return false;
    case 'project.changed':
    case 'project.removed':
      return reach.projects.includes(event.resourceId);
    case 'operation.changed':
      return (
        isOf(reach.projects, projectId) ||
        requesterId === reach.requesterId ||
        (targetKind === 'instance' && (isOf(reach.hosts, event.hostId) || bears(labels, reach.labels)))
      );
    case 'instance.changed':
    case 'instance.removed':
    case 'instance.expiring':
    case 'instance.use':
      return (
        isOf(reach.projects, projectId) || isOf(reach.hosts, event.hostId) || bears(labels, reach.labels)
      );
    default:
      return event.type satisfies never;
  }
}

function isOf(ids: readonly string[], id: unknown): boolean {
  return typeof id === 'string' && ids.includes(id);
}

function bears(labels: unknown, wanted: readonly string[]): boolean {
  if (typeof labels !== 'object' || labels === null) return false;
  return Object.entries(labels).some(([key, value]) => wanted.includes(`${key}=${value}`));
}

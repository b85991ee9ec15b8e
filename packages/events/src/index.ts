import { type MigrationSet, readMigrations } from '@longshore/store';

export {
  createEvents,
  type Events,
  type EventsOptions,
  type SubscribeOptions,
  type Subscription,
} from './events.ts';
export type { EventChoice } from './outbox.ts';
export { DEFAULT_RETENTION, pruneOutbox, type Retention } from './prune-outbox.ts';

/** The migrations of this room, for `migrate`. */
export function eventsMigrations(): Promise<MigrationSet> {
  return readMigrations('events', new URL('../migrations/', import.meta.url));
}

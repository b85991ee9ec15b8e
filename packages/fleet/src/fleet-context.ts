import type { Log, Sealer, Store } from '@longshore/store';
import type { GuestKeySource } from './guest-keys/guest-key.ts';
import {
  createHostConnections,
  type HostConnection,
  type HostConnections,
} from './hosts/host-connections.ts';
import { type Installation, readInstallation } from './installation/installation.ts';
import { createKeptLines, type KeptLines } from './instances/kept-lines.ts';
import type { ForeignChange } from './sync/foreign-change.ts';

/** A host's row and the client that speaks to it. */
export type { HostConnection, HostConnection as HostHandle };

/** What every part of the fleet works with: resources of the process, none of them state of the fleet. */
export type FleetContext = {
  readonly store: Store;
  readonly sealer: Sealer;
  readonly log: Log;
  /** For names and file times only; what is compared between processes is the database's time. */
  readonly clock: () => Date;
  /** Folder for exports and uploads. */
  readonly dataDir: string;
  /** Names this process among those that share the database; another one at each start. */
  readonly workerId: string;
  /** This installation's identity towards hosts; made once, kept sealed in the database. */
  installation(): Promise<Installation>;
  readonly connections: HostConnections;
  /** Told of what somebody did on a host past Longshore; must not throw. */
  readonly onForeignChange?: ((change: ForeignChange) => void) | undefined;
  /** Whose SSH keys a guest shall have; without it, nobody's. */
  readonly guestKeySource?: GuestKeySource | undefined;
  /** Lines of the list of instances, kept in memory. */
  readonly lines: KeptLines;
};

/** What {@link createFleetContext} cannot make itself. */
export type FleetContextOptions = {
  readonly store: Store;
  readonly sealer: Sealer;
  readonly log: Log;
  readonly dataDir: string;
  readonly workerId: string;
  readonly clock?: () => Date;
  readonly onForeignChange?: (change: ForeignChange) => void;
  readonly guestKeySource?: GuestKeySource;
};

/** Puts the context together. Nothing is read or connected yet; `context.connections.close()` ends what it opens. */
export function createFleetContext(options: FleetContextOptions): FleetContext {
  let known: Promise<Installation> | undefined;
  const installation = (): Promise<Installation> => {
    known ??= readInstallation(options.store, options.sealer).catch((error: unknown) => {
      known = undefined; // the next caller tries again
      throw error;
    });
    return known;
  };
  return {
    store: options.store,
    sealer: options.sealer,
    log: options.log,
    clock: options.clock ?? (() => new Date()),
    dataDir: options.dataDir,
    workerId: options.workerId,
    installation,
    onForeignChange: options.onForeignChange,
    guestKeySource: options.guestKeySource,
    connections: createHostConnections({ store: options.store, installation }),
    lines: createKeptLines(options.store),
  };
}

import type { LxdClient } from '@longshore/lxd';
import type { Store } from '@longshore/store';
import type { HostRow } from '../hosts/hosts-table.ts';
import { createProcessorMeter } from '../use/measure-processor.ts';
import { readHostFacts, readResources } from './read-host-facts.ts';
import { readOneInstance } from './read-instance.ts';
import { readAllInstances } from './read-instances.ts';
import type { Place } from './rereads.ts';
import { type Fence, writeFacts, writeResources } from './write-host.ts';
import { type InstancesWritten, nextObservation, writeInstances } from './write-instances.ts';

/** Reads of one host, each written at once. All throw LxdError for the host's failures, and what the database throws. */
export type HostReader = {
  /** All instances. Resolves with one line for each instance that had to be left out. */
  instances(
    signal: AbortSignal,
  ): Promise<{ readonly problems: readonly string[]; readonly written: InstancesWritten }>;
  instance(place: Place, signal: AbortSignal): Promise<void>;
  /** Projects, profiles, networks, images. */
  facts(signal: AbortSignal): Promise<void>;
  /** Processor, memory and pools. */
  resources(signal: AbortSignal): Promise<void>;
};

export type HostReaderOptions = {
  readonly store: Store;
  readonly host: Pick<HostRow, 'id' | 'extensions'>;
  readonly client: LxdClient;
  /** Guards every write of a session. Reads are numbered, so others may read and write without. */
  readonly fence?: Fence | undefined;
  /** Runs what needs a connection of the database, when it is its turn. */
  turn<T>(work: () => Promise<T>): Promise<T>;
};

/** Puts reading and writing together. */
export function createHostReader({ store, host, client, fence, turn }: HostReaderOptions): HostReader {
  const hostId = host.id;
  const meter = createProcessorMeter(client);
  const nextNumber = (): Promise<number> => turn(() => nextObservation(store));
  return {
    async instances(signal) {
      const read = await readAllInstances(nextNumber, client, host, signal);
      const written = await turn(() =>
        writeInstances(store, { ...read, hostId, settlesPending: false, fence }),
      );
      return { problems: read.problems, written };
    },
    async instance(place, signal) {
      const read = await readOneInstance(nextNumber, client, host, place.lxdProject, place.name, signal);
      await turn(() => writeInstances(store, { ...read, hostId, settlesPending: false, fence }));
    },
    async facts(signal) {
      const facts = await readHostFacts(client, signal);
      await turn(() =>
        store.transaction(async (trx) => {
          await fence?.check(trx);
          await writeFacts(trx, hostId, facts);
        }),
      );
    },
    async resources(signal) {
      const read = await readResources(client, signal);
      const resources =
        read === null ? null : { ...read, cpuUsedPercent: await meter.read(read.cpuThreads, signal) };
      await turn(() =>
        store.transaction(async (trx) => {
          await fence?.check(trx);
          await writeResources(trx, hostId, resources);
        }),
      );
    },
  };
}

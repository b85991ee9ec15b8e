import { type InstanceFull, isLxdError, type LxdClient } from '@longshore/lxd';
import type { HostRow } from '../hosts/hosts-table.ts';
import { type InstanceObservation, observe, UnusableInstance } from './instance-observation.ts';
import { fullInstance } from './read-instance.ts';
import type { InstancesRead } from './write-instances.ts';

/** A full read takes about 5 ms of the host's processor for each running instance: a minute is enough for 5,000 and a slow line. */
const LIST_TIMEOUT_MS = 60_000;
/** How many at once where each must be asked for by itself. */
const SINGLES_AT_ONCE = 4;
/** Beyond this a host that cannot even list its instances is not worth the time. */
const MAX_SINGLES = 10_000;

/** All instances of a host, with what could not be read of it. */
export type AllInstancesRead = Pick<InstancesRead, 'observation' | 'seen' | 'scope'> & {
  /** One line for each instance that is left out. */
  readonly problems: readonly string[];
};

/**
 * Reads all instances of all projects. Where one entry spoils the list (a reply that breaks the API, too large, or a
 * host that fails over one instance), each is asked for by itself, so that the others are still seen.
 * @throws LxdError when the host cannot be read at all
 */
export async function readAllInstances(
  nextNumber: () => Promise<number>,
  client: LxdClient,
  host: Pick<HostRow, 'extensions'>,
  signal: AbortSignal,
): Promise<AllInstancesRead> {
  const observation = await nextNumber();
  const seen: InstanceObservation[] = [];
  const unreadable: { lxdProject: string; name: string }[] = [];
  const problems: string[] = [];
  const take = (instance: InstanceFull): void => {
    try {
      seen.push(observe(instance));
    } catch (error) {
      if (!(error instanceof UnusableInstance)) throw error;
      unreadable.push({ lxdProject: instance.project, name: instance.name });
      problems.push(error.message);
    }
  };
  const all = await listWhole(client, signal);
  if (all !== undefined) for (const instance of all) take(instance);
  else {
    for (const ref of await listNames(client, signal))
      unreadable.push({ lxdProject: ref.project, name: ref.name });
    const names = unreadable.splice(0, MAX_SINGLES);
    await Promise.all(
      Array.from({ length: SINGLES_AT_ONCE }, async () => {
        for (let one = names.pop(); one !== undefined; one = names.pop()) {
          const { lxdProject, name } = one;
          const read = await readSingle(client, host, lxdProject, name, signal);
          if (typeof read === 'object') take(read);
          else if (read !== undefined) {
            unreadable.push(one);
            problems.push(`instance ${name}: ${read}`);
          }
        }
      }),
    );
  }
  return { observation, seen, scope: { kind: 'all', unreadable }, problems };
}

/** Undefined where the list is spoilt. */
async function listWhole(
  client: LxdClient,
  signal: AbortSignal,
): Promise<readonly InstanceFull[] | undefined> {
  const options = { recursion: 2, timeoutMs: LIST_TIMEOUT_MS, signal } as const;
  try {
    return await client.instances.list({ ...options, allProjects: true });
  } catch (error) {
    if (isLxdError(error, 'bad-reply', 'too-large', 'server-error')) return undefined;
    if (!isLxdError(error, 'forbidden')) throw error;
  }
  // A restricted certificate may see its projects one by one only (LXD).
  const found: InstanceFull[] = [];
  try {
    for (const { name } of await client.projects.list({ signal })) {
      found.push(...(await client.instances.list({ ...options, project: name })));
    }
    return found;
  } catch (error) {
    if (isLxdError(error, 'bad-reply', 'too-large', 'server-error')) return undefined;
    throw error;
  }
}

async function listNames(
  client: LxdClient,
  signal: AbortSignal,
): Promise<readonly { readonly name: string; readonly project: string }[]> {
  const options = { recursion: 0, timeoutMs: LIST_TIMEOUT_MS, signal } as const;
  try {
    return await client.instances.list({ ...options, allProjects: true });
  } catch (error) {
    if (!isLxdError(error, 'forbidden')) throw error;
    const lists = await Promise.all(
      (await client.projects.list({ signal })).map(({ name }) =>
        client.instances.list({ ...options, project: name }),
      ),
    );
    return lists.flat();
  }
}

/** The instance; undefined where it is gone meanwhile; a text where it cannot be read. */
async function readSingle(
  client: LxdClient,
  host: Pick<HostRow, 'extensions'>,
  project: string,
  name: string,
  signal: AbortSignal,
): Promise<InstanceFull | string | undefined> {
  try {
    return await fullInstance(client, host.extensions, project, name, signal);
  } catch (error) {
    if (isLxdError(error, 'bad-reply', 'too-large', 'server-error', 'bad-request', 'forbidden'))
      return error.message;
    throw error;
  }
}

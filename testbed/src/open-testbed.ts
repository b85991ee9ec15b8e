import { networkInterfaces } from 'node:os';
import { canRunHosts } from './can-run-hosts.ts';
import { type ClientCertificate, clientCertificate, writeClientConfiguration } from './client-identity.ts';
import { eraseTestbed, stopTestbed, sweepLocked } from './dismantle.ts';
import { missingHostPackages } from './host-packages.ts';
import { raiseKernelLimits } from './kernel-limits.ts';
import { checkTestbedName, layoutHost, layoutTestbed, SLOT_COUNT, type TestbedLayout } from './layout.ts';
import { withMachineLock } from './machine-lock.ts';
import { identifyProcess } from './process-identity.ts';
import { isRouterUp, raiseRouter, renumberLan, routerAdvertisements } from './router.ts';
import { bringUpHost, handleHost, type TestHost } from './test-host.ts';
import { TestbedError } from './testbed-error.ts';
import { type HostKind, listStates, readState, type TestbedState, writeState } from './testbed-state.ts';

export type TestbedOptions = {
  /** 1 to 6 of a-z and 0-9. Testbeds of different names live side by side, in any number of processes. */
  readonly name: string;
  /** How many LXD hosts; they are numbered first. */
  readonly lxd: number;
  readonly incus?: number;
  /** Driver of each host's pool `default`; `btrfs` has quotas and quick copies. Default `dir`. */
  readonly storage?: 'dir' | 'btrfs';
  /** Whether hosts trust our client certificate from the start. Default true. */
  readonly trust?: boolean;
  /** The testbed belongs to no process and stays until someone closes it. Default false: it dies with its owner. */
  readonly persistent?: boolean;
  readonly signal?: AbortSignal;
  readonly log?: (line: string) => void;
};

/** Their addresses end in 11 and up; 254 is the machine's own. */
const MAX_HOSTS = 240;

/** Several hosts on one LAN. */
export type Testbed = {
  readonly name: string;
  readonly hosts: readonly TestHost[];
  readonly clientCertificate: ClientCertificate;
  /** The host of this name (`host1`). Throws `not-found`. */
  host(name: string): TestHost;
  /** Takes everything down and leaves nothing; `keep` leaves the disks, and the same name takes them up again. */
  close(options?: { readonly keep?: boolean }): Promise<void>;
  /** Advertises a new /64 (`2001:db8:77::`) on the LAN and deprecates those before it. */
  renumber(prefix: string): Promise<void>;
  /** Starts or stops the router's advertisements, and its DNS with them. */
  routerAdvertisements(state: 'on' | 'off'): Promise<void>;
  /** Variables with which the stock `lxc` and `incus` clients reach every host by its name. */
  environment(): Promise<Readonly<Record<string, string>>>;
  [Symbol.asyncDispose](): Promise<void>;
};

/**
 * Brings up hosts, all at once, and resolves when each answers on its API (about 2 s each on one core). Sweeps first
 * what dead processes left. A failure or an abort takes down again what was made.
 * Throws `cannot-run`, `missing-packages`, `bad-argument`, `in-use`, `no-free-subnet`, or why a host did not come up.
 */
export async function openTestbed(options: TestbedOptions): Promise<Testbed> {
  checkTestbedName(options.name);
  const total = options.lxd + (options.incus ?? 0);
  if (!(total >= 1 && total <= MAX_HOSTS)) {
    throw new TestbedError(
      'bad-argument',
      `${total} hosts in testbed ${options.name}: ask for 1 to ${MAX_HOSTS}`,
    );
  }
  const { signal, log } = options;
  signal?.throwIfAborted();
  const able = canRunHosts();
  if (!able.ok) throw new TestbedError('cannot-run', `no real hosts on this machine: ${able.reason}`);
  const missing = missingHostPackages({ incus: (options.incus ?? 0) > 0 });
  if (missing.length > 0) {
    throw new TestbedError(
      'missing-packages',
      `real hosts need ${missing.join(', ')}: npm run testbed -- install`,
    );
  }
  const { state, isNew } = await withMachineLock(async () => {
    const swept = await sweepLocked();
    if (swept.length > 0) log?.(`removed testbeds of dead processes: ${swept.join(' ')}`);
    const claimed = await claim(options);
    await raiseKernelLimits();
    return claimed;
  });
  try {
    return await raise(state, signal, log);
  } catch (error) {
    // Disks that were kept from before outlive a failure to take them up again.
    await closeTestbed(state, !isNew);
    throw error;
  }
}

/** Takes hold of a testbed that is up, whoever brought it up. Throws `not-found`. */
export async function attachTestbed(name: string): Promise<Testbed> {
  checkTestbedName(name);
  const state = await readState(name);
  const testbed = state && layoutTestbed(name, state.slot);
  if (!state || !testbed || !isRouterUp(testbed)) {
    throw new TestbedError('not-found', `no testbed ${name} is up: npm run testbed -- up 2 1 --name ${name}`);
  }
  return handleTestbed(testbed, state, await clientCertificate(testbed));
}

/** Takes a testbed down by its name, up or not, whoever brought it up. Returns whether there was one. */
export async function closeTestbedNamed(name: string, keep: boolean): Promise<boolean> {
  checkTestbedName(name);
  const state = await readState(name);
  if (!state) return false;
  await closeTestbed(state, keep);
  return true;
}

/** Settles under the machine lock who has this name and which subnet goes with it. */
async function claim(
  options: TestbedOptions,
): Promise<{ readonly state: TestbedState; readonly isNew: boolean }> {
  const owner = options.persistent ? null : (identifyProcess(process.pid) ?? null);
  const kinds: HostKind[] = [
    ...Array<HostKind>(options.lxd).fill('lxd'),
    ...Array<HostKind>(options.incus ?? 0).fill('incus'),
  ];
  const others = await listStates();
  const before = others.find(({ name }) => name === options.name)?.state;
  if (before) {
    const isUp = isRouterUp(layoutTestbed(before.name, before.slot));
    if (before.owner !== null || (isUp && !options.persistent)) {
      const by = before.owner === null ? 'a shell' : `process ${before.owner.pid}`;
      throw new TestbedError(
        'in-use',
        `testbed ${options.name} is up already, for ${by}: take another name or close it`,
      );
    }
    if (before.kinds.join() !== kinds.join()) {
      throw new TestbedError(
        'in-use',
        `testbed ${options.name} has hosts ${before.kinds.join(', ')}, not those asked for: close it first`,
      );
    }
  }
  const taken = new Set(others.filter(({ name }) => name !== options.name).map(({ state }) => state?.slot));
  const state: TestbedState = {
    name: options.name,
    slot: before?.slot ?? freeSlot(taken),
    owner,
    kinds,
    storage: before?.storage ?? options.storage ?? 'dir',
    trust: before?.trust ?? options.trust ?? true,
  };
  await writeState(state);
  return { state, isNew: before === undefined };
}

/** The first subnet that neither a testbed nor the machine itself uses. */
function freeSlot(taken: ReadonlySet<number | undefined>): number {
  const addresses = Object.values(networkInterfaces()).flatMap((links) =>
    (links ?? []).map(({ address }) => address),
  );
  for (let slot = 0; slot < SLOT_COUNT; slot++) {
    const { net4 } = layoutTestbed('x', slot);
    if (!taken.has(slot) && !addresses.some((address) => address.startsWith(`${net4}.`))) return slot;
  }
  throw new TestbedError(
    'no-free-subnet',
    `all ${SLOT_COUNT} subnets under 10.213 are taken: close some testbeds`,
  );
}

async function raise(
  state: TestbedState,
  signal: AbortSignal | undefined,
  log: ((line: string) => void) | undefined,
): Promise<Testbed> {
  const testbed = layoutTestbed(state.name, state.slot);
  const identity = await clientCertificate(testbed);
  await raiseRouter(testbed, state.kinds.length, signal);
  // One failure stops the others, and all have settled before anything is taken down.
  const failed = new AbortController();
  const either = signal ? AbortSignal.any([signal, failed.signal]) : failed.signal;
  const results = await Promise.allSettled(
    state.kinds.map(async (kind, index) => {
      const host = layoutHost(testbed, index + 1);
      try {
        await bringUpHost(testbed, state, host, kind, identity, either);
      } catch (error) {
        failed.abort(error);
        throw error;
      }
      log?.(`${host.name} (${kind}) ${host.url} is up`);
    }),
  );
  signal?.throwIfAborted();
  if (results.some(({ status }) => status === 'rejected')) throw failed.signal.reason;
  return handleTestbed(testbed, state, identity);
}

function handleTestbed(testbed: TestbedLayout, state: TestbedState, identity: ClientCertificate): Testbed {
  const hosts = state.kinds.map((kind, index) => handleHost(testbed, state, index + 1, kind, identity));
  let closing: Promise<void> | undefined;
  const close = (keep: boolean): Promise<void> => {
    closing ??= closeTestbed(state, keep);
    return closing;
  };
  return {
    name: state.name,
    hosts,
    clientCertificate: identity,
    host: (name) => {
      const found = hosts.find((host) => host.name === name);
      if (found) return found;
      const known = hosts.map((host) => host.name).join(', ');
      throw new TestbedError('not-found', `testbed ${state.name} has no ${name}, only ${known}`);
    },
    close: (options = {}) => close(options.keep ?? false),
    renumber: (prefix) => renumberLan(testbed, prefix),
    routerAdvertisements: (wanted) => routerAdvertisements(testbed, wanted),
    environment: () => writeClientConfiguration(testbed, state.kinds),
    [Symbol.asyncDispose]: () => close(false),
  };
}

async function closeTestbed(state: TestbedState, keep: boolean): Promise<void> {
  if (!(await isStillThis(state))) return;
  await stopTestbed(state.name);
  await withMachineLock(async () => {
    if (!(await isStillThis(state))) return;
    if (keep) await writeState({ ...state, owner: null });
    else await eraseTestbed(state.name);
  });
}

/** Someone else may have taken it down by its name, and a third may have taken the name since. */
async function isStillThis(state: TestbedState): Promise<boolean> {
  const now = await readState(state.name);
  return (
    now !== undefined && now.slot === state.slot && JSON.stringify(now.owner) === JSON.stringify(state.owner)
  );
}

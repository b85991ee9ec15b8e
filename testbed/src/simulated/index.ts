import { X509Certificate } from 'node:crypto';
import { join } from 'node:path';
import { makeHostKeys, makeServerCertificate } from './certificate.ts';
import { furnishHost, furnishInstances } from './furnish.ts';
import { HostState } from './host-state.ts';
import { mix } from './instance-record.ts';
import { SimulatedHost } from './simulated-host.ts';

export type { ChangeOrder, MadeChange } from './change-maker.ts';
export type { Fault } from './fault.ts';
export { type ChangeBehind, SimulatedHost } from './simulated-host.ts';
export {
  type SimulationProcess,
  type SimulationProcessOptions,
  startSimulationProcess,
} from './simulation-process.ts';

export interface SimulatedHostsOptions {
  readonly count: number;
  readonly instancesPerHost: number;
  /** `mixed` makes every third host an Incus one. Default `lxd`. */
  readonly kind?: 'lxd' | 'incus' | 'mixed';
  /** Delay of every answer, milliseconds. Default 0. */
  readonly latencyMs?: number;
  /** Clients that are trusted from the start, by their certificates (PEM). */
  readonly trusted?: readonly { readonly cert: string }[];
  /** Same seed, same instances. */
  readonly seed?: number;
  /** LXD projects besides `default`; the instances are shared out among all. */
  readonly projects?: readonly string[];
  /** Time the work of an operation takes, milliseconds. Default 5. */
  readonly operationMs?: number;
  /** LXD trust password; empty for none. Default `testbed`. Incus has none. */
  readonly trustPassword?: string;
  /** Folder for a unix socket of each host (`NAME.socket`). Default: none. */
  readonly socketFolder?: string;
  /** Prefix of the host names. Default `sim`. */
  readonly namePrefix?: string;
  /** Milliseconds since 1970. Default: the machine's clock. */
  readonly now?: () => number;
}

/** Simulated hosts that know each other. */
export interface SimulatedFleet extends AsyncDisposable {
  readonly hosts: readonly SimulatedHost[];
  /** Ends every host; nothing is left behind. */
  close(): Promise<void>;
}

/**
 * Starts LXD or Incus look-alikes on loopback ports of their own, in this process.
 * They speak the part of the API that docs/simulated-hosts.md lists. Throws when a port cannot be had.
 */
export async function startSimulatedHosts(options: SimulatedHostsOptions): Promise<SimulatedFleet> {
  const { count, instancesPerHost, kind = 'lxd', latencyMs = 0, seed = 1, now = Date.now } = options;
  const keys = await makeHostKeys(now());
  const states = new Map<SimulatedHost, HostState>();
  const byAddress = new Map<string, HostState>();
  let lastId = 0;
  let serial = 0;
  let draws = 0;
  const nextId = () => ++lastId;
  const random = () => mix(seed, ++draws) / 2 ** 32;
  const hosts: SimulatedHost[] = [];
  for (let index = 0; index < count; index++) {
    const name = `${options.namePrefix ?? 'sim'}${index + 1}`;
    const state = new HostState({
      kind: kind === 'mixed' ? (index % 3 === 2 ? 'incus' : 'lxd') : kind,
      name,
      index,
      now,
      nextId,
      operationMs: options.operationMs ?? 5,
      findPeer: (origin) => byAddress.get(origin),
      trustPassword: options.trustPassword ?? 'testbed',
    });
    furnishHost(state, options.projects ?? []);
    furnishInstances(state, instancesPerHost, seed);
    for (const { cert } of options.trusted ?? []) trust(state, cert);
    const renew = () => makeServerCertificate(keys, serial++);
    const socketPath =
      options.socketFolder === undefined ? null : join(options.socketFolder, `${name}.socket`);
    const host = new SimulatedHost({
      state,
      latencyMs,
      random,
      certificate: renew(),
      renew,
      socketPath,
    });
    hosts.push(host);
    states.set(host, state);
  }
  const close = async () => {
    await Promise.all(hosts.map((host) => host.stop()));
  };
  try {
    await Promise.all(hosts.map((host) => host.start()));
  } catch (error) {
    await close();
    throw error;
  }
  for (const [host, state] of states) byAddress.set(host.url, state);
  return { hosts, close, [Symbol.asyncDispose]: close };
}

function trust(state: HostState, pem: string): void {
  const parsed = new X509Certificate(pem);
  const fingerprint = parsed.fingerprint256.replaceAll(':', '').toLowerCase();
  const entry = { name: 'longshore', type: 'client', restricted: false, projects: [], certificate: pem };
  state.certificates.set(fingerprint, { ...entry, fingerprint });
}

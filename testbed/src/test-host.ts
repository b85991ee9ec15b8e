import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { setCable, setLoss, setRate, wireHost } from './cable.ts';
import { hostMemoryBytes } from './cgroups.ts';
import type { ClientCertificate } from './client-identity.ts';
import { commandDaemon, type DaemonVerb, daemonLogPath, runBesideDaemon, runHostCli } from './daemon.ts';
import { powerOff, powerOn } from './host-power.ts';
import { serverFingerprint, setUpHost } from './host-setup.ts';
import { type ImageAlias, type ImageName, importImage } from './image.ts';
import { type HostLayout, layoutHost, type TestbedLayout, TRUST_PASSWORD } from './layout.ts';
import type { HostKind, TestbedState } from './testbed-state.ts';

/** One real LXD or Incus host, and what can be done to it. */
export type TestHost = {
  /** host1, host2, …; also its host name and its name in the LAN's DNS. */
  readonly name: string;
  readonly kind: HostKind;
  readonly url: string;
  /** Its IPv4 address on the LAN. */
  readonly address: string;
  /** Of the local administrator, as seen from outside the host. */
  readonly socketPath: string;
  /** Trusted by the host, unless the testbed was opened with `trust: false`. */
  readonly clientCertificate: ClientCertificate;
  /** LXD's `core.trust_password`; Incus has none. */
  readonly trustPassword?: string;
  /** SHA-256 of the server's certificate, lower-case hex. */
  fingerprint(): Promise<string>;
  /** A one-time trust token for a client of this name. */
  token(clientName: string): Promise<string>;
  /** Imports the image unless it is there; returns its alias. */
  importImage(image: ImageName): Promise<ImageAlias>;
  /** `lxc` or `incus` as the local administrator; returns its output. Throws `command-failed`. */
  cli(args: readonly string[]): Promise<string>;
  /** Runs a command inside the host's namespaces; returns its output. Throws `host-off` or `command-failed`. */
  run(command: readonly string[]): Promise<string>;
  daemon(verb: DaemonVerb): Promise<void>;
  /** `off` is a power cut: kill -9 of everything at once. `on` resolves when the daemon is ready again. */
  power(state: 'off' | 'on'): Promise<void>;
  cable(state: 'out' | 'in'): Promise<void>;
  /** Drops this percentage of packets, both ways; 0 ends it. */
  loss(percent: number): Promise<void>;
  /** Limits the cable's rate, both ways; 0 ends it. */
  rate(kbitPerSecond: number): Promise<void>;
  /** Memory of all the host's processes with their page cache, in bytes; 0 when it is off. */
  memoryBytes(): Promise<number>;
  /** The daemon's log so far. */
  log(): Promise<string>;
};

/** The handle of a host, whether it is up or not. */
export function handleHost(
  testbed: TestbedLayout,
  state: TestbedState,
  number: number,
  kind: HostKind,
  identity: ClientCertificate,
): TestHost {
  const host = layoutHost(testbed, number);
  return {
    name: host.name,
    kind,
    url: host.url,
    address: host.address,
    socketPath: host.socketPath,
    clientCertificate: identity,
    ...(kind === 'lxd' && { trustPassword: TRUST_PASSWORD }),
    fingerprint: () => serverFingerprint(host),
    token: (clientName) => makeToken(host, kind, clientName),
    importImage: (image) => importImage(host, kind, image),
    cli: (args) => runHostCli(host, kind, args),
    run: (command) => runBesideDaemon(testbed, host, kind, command),
    daemon: (verb) => commandDaemon(testbed, host, kind, verb),
    power: (wanted) =>
      wanted === 'off' ? powerOff(testbed, host) : bringUpHost(testbed, state, host, kind, identity),
    cable: (wanted) => setCable(testbed, host, wanted),
    loss: (percent) => setLoss(testbed, host, percent),
    rate: (kbit) => setRate(testbed, host, kbit),
    memoryBytes: () => hostMemoryBytes(testbed.name, host.port),
    log: async () => (existsSync(daemonLogPath(host)) ? readFile(daemonLogPath(host), 'utf8') : ''),
  };
}

/** From nothing, or from its disk, to an answering API. Twice is safe. */
export async function bringUpHost(
  testbed: TestbedLayout,
  state: TestbedState,
  host: HostLayout,
  kind: HostKind,
  identity: ClientCertificate,
  signal?: AbortSignal,
): Promise<void> {
  await wireHost(testbed, host, signal);
  await powerOn(testbed, host, signal);
  await commandDaemon(testbed, host, kind, 'start', signal);
  await setUpHost(host, kind, state, identity.cert, signal);
}

async function makeToken(host: HostLayout, kind: HostKind, clientName: string): Promise<string> {
  const args = kind === 'lxd' ? ['--name', clientName] : [clientName];
  const said = await runHostCli(host, kind, ['config', 'trust', 'add', ...args]);
  // Both say a sentence first; the token is the last line.
  return said.trim().split('\n').at(-1)?.trim() ?? '';
}

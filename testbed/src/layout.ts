import { join } from 'node:path';
import { TestbedError } from './testbed-error.ts';

/**
 * Where testbeds keep their state. Short because unix socket paths end at 107 bytes, on disk because containers
 * live here, and not under /run or /tmp because each host mounts its own over those.
 */
export const BASE_DIR = '/var/lib/lbed';

/** Slot numbers become one byte of the LAN's subnet. */
export const SLOT_COUNT = 200;

export const API_PORT = 8443;

/** LXD's `core.trust_password` on every LXD host. Not a secret: the LAN ends on this machine. */
export const TRUST_PASSWORD = 'testbed';

/** Names and addresses of one testbed; all follow from its name and slot. */
export type TestbedLayout = {
  readonly name: string;
  readonly dir: string;
  readonly routerDir: string;
  readonly clientDir: string;
  readonly routerNamespace: string;
  /** The machine's own end of the LAN (at most 15 characters, as the kernel wants). */
  readonly clientLink: string;
  /** First three bytes of the LAN's /24, `10.213.N`. */
  readonly net4: string;
  /** The LAN's /64 without its `::`. */
  readonly net6: string;
  readonly domain: string;
};

/** Names and addresses of one host, numbered from 1. */
export type HostLayout = {
  readonly number: number;
  readonly name: string;
  readonly dir: string;
  /** LXD_DIR or INCUS_DIR */
  readonly daemonDir: string;
  readonly socketPath: string;
  readonly namespace: string;
  /** The router's end of the host's cable. */
  readonly port: string;
  readonly address: string;
  readonly address6: string;
  readonly mac: string;
  readonly url: string;
  /** Address of the host's own NAT bridge with its prefix length. */
  readonly natAddress: string;
};

/** Throws `bad-argument` unless the name fits everywhere it ends up: link names, socket paths, namespaces. */
export function checkTestbedName(name: string): void {
  if (!/^[a-z0-9]{1,6}$/.test(name)) {
    throw new TestbedError('bad-argument', `testbed name "${name}": use 1 to 6 of a-z and 0-9`);
  }
}

export function testbedDir(name: string): string {
  return join(BASE_DIR, name);
}

export function layoutTestbed(name: string, slot: number): TestbedLayout {
  const dir = testbedDir(name);
  return {
    name,
    dir,
    routerDir: join(dir, 'router'),
    clientDir: join(dir, 'client'),
    routerNamespace: `${namespacePrefix(name)}r`,
    clientLink: `lb${name}0`,
    net4: `10.213.${slot}`,
    net6: `2001:db8:${(0x1000 + slot).toString(16)}:1`,
    domain: `${name}.test`,
  };
}

/** All network namespaces of a testbed begin with this; names have no `-`, so no prefix is part of another. */
export function namespacePrefix(name: string): string {
  return `lb-${name}-`;
}

export function layoutHost(testbed: TestbedLayout, number: number): HostLayout {
  const dir = join(testbed.dir, `h${number}`);
  const daemonDir = join(dir, 'd');
  const address = `${testbed.net4}.${10 + number}`;
  return {
    number,
    name: `host${number}`,
    dir,
    daemonDir,
    socketPath: join(daemonDir, 'unix.socket'),
    namespace: `${namespacePrefix(testbed.name)}${number}`,
    port: `h${number}`,
    address,
    address6: `${testbed.net6}::${10 + number}`,
    mac: `02:99:00:00:00:${(10 + number).toString(16).padStart(2, '0')}`,
    url: `https://${address}:${API_PORT}`,
    natAddress: `10.214.${number}.1/24`,
  };
}

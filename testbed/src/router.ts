import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { killProcess } from './kill-process.ts';
import { layoutHost, type TestbedLayout } from './layout.ts';
import {
  BRIDGE_PARAMETERS,
  inNamespace,
  livesIn,
  makeNamespace,
  namespacePath,
  setNetworkParameters,
} from './network-namespace.ts';
import { ipBatch, runCommand } from './run-command.ts';
import { TestbedError } from './testbed-error.ts';
import { waitUntil } from './wait-until.ts';

/** Lifetime of advertised prefixes; dnsmasq takes nothing under 120. */
const RA_LIFETIME_SECONDS = 600;

/** Makes the LAN: the router's namespace with its bridge, and the machine's own leg into it. Twice is safe. */
export async function raiseRouter(
  testbed: TestbedLayout,
  hostCount: number,
  signal?: AbortSignal,
): Promise<void> {
  await mkdir(testbed.routerDir, { recursive: true });
  const router = testbed.routerNamespace;
  const isFinished = async () =>
    (await runCommand(['ip', '-n', router, 'link', 'show', 'up'])).includes(' lan: ');
  if (await makeNamespace(router, isFinished, signal)) {
    await setNetworkParameters(
      router,
      { 'net/ipv4/ip_forward': 1, 'net/ipv6/conf/all/forwarding': 1, ...BRIDGE_PARAMETERS },
      signal,
    );
    await ipBatch(
      router,
      [
        'link set lo up',
        'link add lan type bridge stp_state 0 forward_delay 0 mcast_snooping 0',
        `addr add ${testbed.net4}.1/24 dev lan`,
        `addr add ${testbed.net6}::1/64 dev lan nodad`,
        'addr add fe80::1/64 dev lan nodad',
        'link set lan up',
      ],
      signal,
    );
  }
  await plugInMachine(testbed, signal);
  await writeHosts(testbed, hostCount);
  await routerAdvertisements(testbed, 'on', signal);
}

/** The machine must never learn a route or an address from the testbed's router, so it is told before the link is up. */
async function plugInMachine(testbed: TestbedLayout, signal: AbortSignal | undefined): Promise<void> {
  const link = testbed.clientLink;
  if (!existsSync(`/sys/class/net/${link}`)) {
    const peer = `peer name client netns ${testbed.routerNamespace}`;
    await ipBatch(undefined, [`link add ${link} type veth ${peer}`], signal);
  }
  const lines = [`addr replace ${testbed.net4}.254/24 dev ${link}`];
  const v6 = `/proc/sys/net/ipv6/conf/${link}`;
  if (existsSync(v6)) {
    await writeFile(`${v6}/accept_ra`, '0');
    await writeFile(`${v6}/autoconf`, '0');
    lines.push(`addr replace ${testbed.net6}::fe/64 dev ${link} nodad`);
  }
  await ipBatch(undefined, [...lines, `link set ${link} up`], signal);
  await ipBatch(testbed.routerNamespace, ['link set client master lan up'], signal);
}

async function writeHosts(testbed: TestbedLayout, hostCount: number): Promise<void> {
  const lines: string[] = [];
  for (let number = 1; number <= hostCount; number++) {
    const host = layoutHost(testbed, number);
    lines.push(`${host.address} ${host.name}`, `${host.address6} ${host.name}`);
  }
  await writeFile(join(testbed.routerDir, 'hosts'), `${lines.join('\n')}\n`);
}

/** Starts or stops the router's advertisements (and its DNS, which is the same daemon). */
export async function routerAdvertisements(
  testbed: TestbedLayout,
  wanted: 'on' | 'off',
  signal?: AbortSignal,
): Promise<void> {
  const pid = await dnsmasqPid(testbed);
  switch (wanted) {
    case 'on':
      if (livesIn(pid, testbed.routerNamespace)) return;
      return startDnsmasq(testbed, signal);
    case 'off':
      if (!livesIn(pid, testbed.routerNamespace)) return;
      killProcess(pid, 'SIGTERM');
      await waitUntil('dnsmasq of the router to end', () => !livesIn(pid, testbed.routerNamespace), {
        timeoutMs: 10_000,
        signal,
      });
  }
}

async function dnsmasqPid(testbed: TestbedLayout): Promise<number | undefined> {
  const path = join(testbed.routerDir, 'dnsmasq.pid');
  return existsSync(path) ? Number((await readFile(path, 'utf8')).trim()) : undefined;
}

/** dnsmasq returns from its start when its sockets are open. See dnsmasq(8) for each line. */
async function startDnsmasq(testbed: TestbedLayout, signal: AbortSignal | undefined): Promise<void> {
  const dir = testbed.routerDir;
  const prefixes = await advertisedPrefixes(testbed);
  const ranges = prefixes.map((prefix, index) => {
    const lifetime = index === prefixes.length - 1 ? RA_LIFETIME_SECONDS : 'deprecated';
    return `dhcp-range=${prefix}::,ra-only,64,${lifetime}`;
  });
  const lines = [
    'interface=lan',
    'bind-interfaces',
    'except-interface=lo',
    'no-resolv',
    'no-hosts',
    `addn-hosts=${dir}/hosts`,
    `domain=${testbed.domain}`,
    `local=/${testbed.domain}/`,
    'expand-hosts',
    'enable-ra',
    `ra-param=lan,10,${RA_LIFETIME_SECONDS}`,
    ...ranges,
    `dhcp-leasefile=${dir}/leases`,
    `pid-file=${dir}/dnsmasq.pid`,
    'user=root',
    `log-facility=${dir}/dnsmasq.log`,
  ];
  await writeFile(join(dir, 'dnsmasq.conf'), `${lines.join('\n')}\n`);
  await runCommand(
    [...inNamespace(testbed.routerNamespace), 'setsid', 'dnsmasq', `--conf-file=${dir}/dnsmasq.conf`],
    {
      signal,
    },
  );
}

/** Oldest first; the last one is the prefix that hosts should use. */
async function advertisedPrefixes(testbed: TestbedLayout): Promise<readonly string[]> {
  const path = join(testbed.routerDir, 'prefixes');
  const later = existsSync(path) ? (await readFile(path, 'utf8')).split('\n').filter(Boolean) : [];
  return [testbed.net6, ...later];
}

/**
 * Advertises a new /64 and deprecates those before it, as a provider does that renumbers.
 * Throws `bad-argument` unless it reads like `2001:db8:77::` or `2001:db8:77::/64`.
 */
export async function renumberLan(
  testbed: TestbedLayout,
  prefix: string,
  signal?: AbortSignal,
): Promise<void> {
  const parts = /^((?:[0-9a-f]{1,4}:){0,3}[0-9a-f]{1,4})::(?:\/64)?$/.exec(prefix.toLowerCase());
  const bare = parts?.[1];
  if (bare === undefined) {
    throw new TestbedError('bad-argument', `prefix "${prefix}": write a /64 such as 2001:db8:77::`);
  }
  const kept = (await advertisedPrefixes(testbed)).slice(1).filter((old) => old !== bare);
  const path = join(testbed.routerDir, 'prefixes');
  await writeFile(`${path}.new`, `${[...kept, bare].join('\n')}\n`);
  await rename(`${path}.new`, path);
  await ipBatch(testbed.routerNamespace, [`addr replace ${bare}::1/64 dev lan nodad`], signal);
  await routerAdvertisements(testbed, 'off', signal);
  await routerAdvertisements(testbed, 'on', signal);
}

/** Takes away the machine's leg; the rest goes with the router's namespace. */
export async function unplugMachine(clientLink: string): Promise<void> {
  if (existsSync(`/sys/class/net/${clientLink}`)) await ipBatch(undefined, [`link del ${clientLink}`]);
}

/** Forgets renumberings: they belong to the namespace, which is gone. */
export async function forgetPrefixes(testbed: TestbedLayout): Promise<void> {
  await rm(join(testbed.routerDir, 'prefixes'), { force: true });
}

/** Whether the LAN is there. */
export function isRouterUp(testbed: TestbedLayout): boolean {
  return existsSync(namespacePath(testbed.routerNamespace));
}

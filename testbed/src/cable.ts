import type { HostLayout, TestbedLayout } from './layout.ts';
import { BRIDGE_PARAMETERS, inNamespace, makeNamespace, setNetworkParameters } from './network-namespace.ts';
import { ipBatch, runCommand } from './run-command.ts';
import { TestbedError } from './testbed-error.ts';

/** Makes a host's network namespace: a cable to the router, and a bridge on it that instances may join. Twice is safe. */
export async function wireHost(
  testbed: TestbedLayout,
  host: HostLayout,
  signal?: AbortSignal,
): Promise<void> {
  const { namespace } = host;
  const router = testbed.routerNamespace;
  // The port joins the LAN as the last step, so it tells whether the wiring was finished.
  const members = ['ip', '-n', router, '-o', 'link', 'show', 'master', 'lan'];
  const isFinished = async () => (await runCommand(members, { signal })).includes(` ${host.port}@`);
  if (!(await makeNamespace(namespace, isFinished, signal))) return;
  await ipBatch(router, [`link add ${host.port} type veth peer name uplink netns ${namespace}`], signal);
  await ipBatch(
    namespace,
    [
      'link set lo up',
      `link add lanbr address ${host.mac} type bridge stp_state 0 forward_delay 0 mcast_snooping 0`,
    ],
    signal,
  );
  await setNetworkParameters(
    namespace,
    {
      'net/ipv4/ip_forward': 1,
      // A server with fixed addresses, as a data centre has it; its instances do take advertisements.
      'net/ipv6/conf/lanbr/accept_ra': 0,
      'net/ipv6/conf/uplink/disable_ipv6': 1,
      ...BRIDGE_PARAMETERS,
    },
    signal,
  );
  await ipBatch(
    namespace,
    [
      'link set uplink master lanbr up',
      `addr add ${host.address}/24 dev lanbr`,
      `addr add ${host.address6}/64 dev lanbr nodad`,
      'link set lanbr up',
      `route add default via ${testbed.net4}.1`,
      `route add default via ${testbed.net6}::1 dev lanbr`,
    ],
    signal,
  );
  await ipBatch(router, [`link set ${host.port} master lan up`], signal);
}

/** Pulls the host's LAN cable or plugs it in again. Both ends lose their carrier, no packet tells the peers. */
export async function setCable(testbed: TestbedLayout, host: HostLayout, state: 'out' | 'in'): Promise<void> {
  await ipBatch(testbed.routerNamespace, [`link set ${host.port} ${state === 'in' ? 'up' : 'down'}`]);
}

/** Drops this share of the packets on the host's cable, in both directions; 0 ends it. By nftables: netem is often not built. */
export async function setLoss(testbed: TestbedLayout, host: HostLayout, percent: number): Promise<void> {
  if (!Number.isInteger(percent) || percent < 0 || percent > 100) {
    throw new TestbedError(
      'bad-argument',
      `loss of ${percent} % on ${host.name}: give a whole number from 0 to 100`,
    );
  }
  const table = `loss_${host.port}`;
  // "add" before "delete" makes the deletion succeed where there is no table yet, all in one transaction.
  const lines = [`add table bridge ${table}`, `delete table bridge ${table}`];
  if (percent > 0) {
    const drop = percent === 100 ? 'drop' : `numgen random mod 100 < ${percent} drop`;
    lines.push(
      `table bridge ${table} {
        chain through { type filter hook forward priority 0; iifname "${host.port}" ${drop}; oifname "${host.port}" ${drop}; }
        chain to_router { type filter hook input priority 0; iifname "${host.port}" ${drop}; }
        chain from_router { type filter hook output priority 0; oifname "${host.port}" ${drop}; }
      }`,
    );
  }
  await runCommand([...inNamespace(testbed.routerNamespace), 'nft', '-f', '-'], {
    input: `${lines.join('\n')}\n`,
  });
}

/** Slows the host's cable down to this rate in each direction; 0 ends it. */
export async function setRate(testbed: TestbedLayout, host: HostLayout, kbit: number): Promise<void> {
  if (!Number.isInteger(kbit) || kbit < 0) {
    throw new TestbedError(
      'bad-argument',
      `rate of ${kbit} kbit/s on ${host.name}: give a whole number, 0 for no limit`,
    );
  }
  for (const [namespace, link] of [
    [testbed.routerNamespace, host.port],
    [host.namespace, 'uplink'],
  ] as const) {
    const queue = [...inNamespace(namespace), 'tc', 'qdisc'];
    if (kbit > 0) {
      await runCommand([
        ...queue,
        'replace',
        'dev',
        link,
        'root',
        'tbf',
        'rate',
        `${kbit}kbit`,
        'burst',
        '16kb',
        'latency',
        '400ms',
      ]);
    } else if ((await runCommand([...queue, 'show', 'dev', link])).includes(' tbf ')) {
      await runCommand([...queue, 'del', 'dev', link, 'root']);
    }
  }
}

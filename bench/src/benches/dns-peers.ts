import { type ChildProcess, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { createClient } from '@longshore/contract';
import { connectStore, embeddedPostgresUrl, silentLog, sql } from '@longshore/store';
import type { LongshoreProcess } from '@longshore/testbed';
import { cpuMilliseconds } from './cpu-time.ts';

/** How many names the zone of the benches has, each with an IPv4 and an IPv6 address. */
export const NAMES = 100_000;
export const ZONE = 'bench.test';
const LIMIT_MS = 300_000;

/** A name server that is measured. */
export type Measured = Readonly<{ name: string; host: string; port: number; pid: number }>;

const ipv4 = (n: number) => `10.${(n >> 16) & 255}.${(n >> 8) & 255}.${n & 255}`;
const ipv6 = (n: number) => `2001:db8::${(n >> 16).toString(16)}:${(n & 0xffff).toString(16)}`;

/** Fills the fleet of a server with instances that were never on a host: enough for what DNS knows of them. */
export async function fillFleet(longshore: LongshoreProcess, signal: AbortSignal): Promise<void> {
  const url = embeddedPostgresUrl(join(longshore.dataDir, 'pg'));
  const store = connectStore({ url, poolSize: 1, log: silentLog });
  try {
    await sql`INSERT INTO hosts (id, name, kind, url, created_by, maintenance)
      VALUES ('00000000-0000-4000-8000-000000000001', 'bench', 'lxd', 'https://bench.invalid:8443', 'bench', true)`.execute(
      store.db,
    );
    await sql`
      INSERT INTO instances (id, host_id, name, type, claimed, status, addresses)
      SELECT gen_random_uuid(), '00000000-0000-4000-8000-000000000001', 'n' || n, 'container', true, 'running',
        jsonb_build_array(
          jsonb_build_object('device', 'eth0', 'family', 'ipv4', 'scope', 'global', 'address',
            '10.' || ((n >> 16) & 255) || '.' || ((n >> 8) & 255) || '.' || (n & 255)),
          jsonb_build_object('device', 'eth1', 'family', 'ipv6', 'scope', 'global', 'address',
            '2001:db8::' || to_hex(n >> 16) || ':' || to_hex(n & 65535)))
      FROM generate_series(0, ${NAMES - 1}::integer) AS n`.execute(store.db);
  } finally {
    await store.close();
  }
  const client = createClient({ url: longshore.url, token: longshore.token });
  await client.call('createDnsZone', { body: { name: ZONE, nameServers: [`ns.${ZONE}`] } });
  const [address] = longshore.dns;
  if (address === undefined) throw new Error('the server answers for no names');
  await untilAnswered(address, signal);
}

/** Waits until the last name of the zone is answered; the milliseconds that it took. */
export async function untilAnswered(
  server: Readonly<{ host: string; port: number }>,
  signal: AbortSignal,
): Promise<number> {
  const started = performance.now();
  for (;;) {
    signal.throwIfAborted();
    if (await answers(server, `n${NAMES - 1}.${ZONE}`)) return performance.now() - started;
    if (performance.now() - started > LIMIT_MS)
      throw new Error(`${server.host}:${server.port} does not answer`);
    await pause(5);
  }
}

/** Whether a question for an IPv4 address is answered with one. */
function answers({ host, port }: Readonly<{ host: string; port: number }>, name: string): Promise<boolean> {
  const labels = name
    .split('.')
    .map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label)]));
  const query = Buffer.concat([
    Buffer.from([0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0]),
    ...labels,
    Buffer.from([0, 0, 1, 0, 1]),
  ]);
  return new Promise((resolve) => {
    const socket = createSocket('udp4');
    const done = (answered: boolean) => {
      clearTimeout(limit);
      socket.close();
      resolve(answered);
    };
    const limit = setTimeout(() => done(false), 200);
    socket.once('message', (message) => done((message[7] ?? 0) > 0));
    socket.once('error', () => done(false));
    socket.send(query, port, host);
  });
}

/** The same zone as a file, and the questions: 45 % A, 45 % AAAA, 5 % a type that is not there, 5 % no such name. */
export async function writeZoneAndQuestions(dir: string, questions: number): Promise<void> {
  await mkdir(dir, { recursive: true });
  const lines = [
    `$ORIGIN ${ZONE}.`,
    `$TTL 60`,
    `@ IN SOA ns.${ZONE}. hostmaster.${ZONE}. 1 3600 600 1209600 60`,
    `@ IN NS ns.${ZONE}.`,
    'ns IN A 127.0.0.1',
  ];
  for (let n = 0; n < NAMES; n += 1) lines.push(`n${n} IN A ${ipv4(n)}`, `n${n} IN AAAA ${ipv6(n)}`);
  await writeFile(join(dir, 'zone'), `${lines.join('\n')}\n`);
  const asked: string[] = [];
  let state = 1;
  const random = (below: number) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return Math.floor((state / 0x80000000) * below);
  };
  for (let n = 0; n < questions; n += 1) {
    const name = `n${random(NAMES)}.${ZONE}`;
    const kind = random(100);
    if (kind < 45) asked.push(`${name} A`);
    else if (kind < 90) asked.push(`${name} AAAA`);
    else if (kind < 95) asked.push(`${name} MX`);
    else asked.push(`no${name} A`);
  }
  await writeFile(join(dir, 'questions'), `${asked.join('\n')}\n`);
}

/** NSD with the zone, without its limit of answers. */
export async function startNsd(
  dir: string,
  signal: AbortSignal,
): Promise<Measured & { stop(): Promise<void> }> {
  const [host, port] = ['127.53.1.2', 5353];
  await writeFile(
    join(dir, 'nsd.conf'),
    `server:
  ip-address: ${host}@${port}
  username: ""
  chroot: ""
  zonesdir: "${dir}"
  database: ""
  pidfile: "${dir}/nsd.pid"
  xfrdfile: "${dir}/xfrd.state"
  xfrdir: "${dir}"
  zonelistfile: "${dir}/zone.list"
  server-count: 1
  rrl-ratelimit: 0
  tcp-count: 200
  tcp-query-count: 0
remote-control:
  control-enable: no
zone:
  name: "${ZONE}"
  zonefile: "zone"
`,
  );
  return start('nsd', ['-d', '-c', join(dir, 'nsd.conf')], { name: 'NSD', host, port }, signal);
}

/** PowerDNS with the zone from its file, with its packet cache. */
export async function startPowerDns(
  dir: string,
  signal: AbortSignal,
): Promise<Measured & { stop(): Promise<void> }> {
  const [host, port] = ['127.53.1.3', 5353];
  await writeFile(join(dir, 'named.conf'), `zone "${ZONE}" { type master; file "${dir}/zone"; };\n`);
  const options = {
    'config-dir': dir,
    launch: 'bind',
    'bind-config': join(dir, 'named.conf'),
    'local-address': host,
    'local-port': String(port),
    'socket-dir': dir,
    daemon: 'no',
    guardian: 'no',
    'receiver-threads': '1',
    'distributor-threads': '1',
    'cache-ttl': '60',
    loglevel: '1',
  };
  const args = Object.entries(options).map(([name, value]) => `--${name}=${value}`);
  return start('pdns_server', args, { name: 'PowerDNS', host, port }, signal);
}

async function start(
  program: string,
  args: readonly string[],
  at: Readonly<{ name: string; host: string; port: number }>,
  signal: AbortSignal,
): Promise<Measured & { stop(): Promise<void> }> {
  const child: ChildProcess = spawn(program, args, {
    stdio: 'ignore',
    env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` },
  });
  const stop = async () => {
    if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    await gone;
  };
  try {
    await untilAnswered(at, signal);
    if (child.pid === undefined) throw new Error(`${program} did not start`);
    return { ...at, pid: child.pid, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** User and system time of a process and of those that it has started, in milliseconds: NSD answers in a child. */
export async function cpuOfTree(pid: number): Promise<number> {
  let sum = 0;
  for (const each of await treeOf(pid)) sum += await cpuMilliseconds(each);
  return sum;
}

/** A process and those below it. */
export async function treeOf(pid: number): Promise<readonly number[]> {
  const output = await runTool('ps', ['-eo', 'pid=,ppid=']);
  const parents = output
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number));
  const tree = [pid];
  for (let at = 0; at < tree.length; at += 1) {
    for (const [child = 0, parent] of parents) if (parent === tree[at]) tree.push(child);
  }
  return tree;
}

/** Runs a tool and returns what it prints. */
export function runTool(program: string, args: readonly string[], signal?: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(signal === undefined ? {} : { signal }),
    });
    const out: string[] = [];
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => out.push(chunk.toString()));
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) resolve(out.join(''));
      else reject(new Error(`${program} ended with ${code}: ${out.join('').slice(-500)}`));
    });
  });
}

import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { untilTrue } from './until-true.ts';

const run = promisify(execFile);

/** Addresses of the loopback interface that nobody else listens on. */
export const NSD = { host: '127.53.0.2', port: 5353 } as const;
export const KNOT = { host: '127.53.0.3', port: 5353 } as const;

type Address = Readonly<{ host: string; port: number }>;

/** What a secondary fetches, from whom, by which key. */
export type SecondaryOptions = Readonly<{
  zones: readonly string[];
  primary: Address;
  key: Readonly<{ name: string; secret: string }>;
}>;

/** A name server of others, as a process of its own. */
export type NameServer = Readonly<{ output(): string; stop(): Promise<void> }>;

/** NSD as a secondary. */
export async function startNsd({ zones, primary, key }: SecondaryOptions): Promise<NameServer> {
  const dir = await mkdtemp(join(tmpdir(), 'longshore-nsd-'));
  const configuration = `server:
  ip-address: ${NSD.host}@${NSD.port}
  username: ""
  chroot: ""
  zonesdir: "${dir}"
  database: ""
  pidfile: "${dir}/nsd.pid"
  xfrdfile: "${dir}/xfrd.state"
  xfrdir: "${dir}"
  zonelistfile: "${dir}/zone.list"
  server-count: 1
  verbosity: 2
  minimal-responses: yes
  rrl-ratelimit: 0
remote-control:
  control-enable: no
key:
  name: "${key.name}"
  algorithm: hmac-sha256
  secret: "${key.secret}"
${zones
  .map(
    (zone) => `zone:
  name: "${zone}"
  zonefile: "${zone}.zone"
  request-xfr: ${primary.host}@${primary.port} ${key.name}
  allow-notify: 127.0.0.0/8 NOKEY
`,
  )
  .join('')}`;
  await writeFile(join(dir, 'nsd.conf'), configuration);
  return start('nsd', ['-d', '-c', join(dir, 'nsd.conf')], dir);
}

/** Knot as a secondary. */
export async function startKnot({ zones, primary, key }: SecondaryOptions): Promise<NameServer> {
  const dir = await mkdtemp(join(tmpdir(), 'longshore-knot-'));
  const configuration = `server:
  listen: ${KNOT.host}@${KNOT.port}
  rundir: "${dir}"
  udp-workers: 1
  tcp-workers: 1
  background-workers: 1
log:
  - target: stderr
    any: info
database:
  storage: "${dir}"
key:
  - id: ${key.name}
    algorithm: hmac-sha256
    secret: ${key.secret}
remote:
  - id: longshore
    address: ${primary.host}@${primary.port}
    key: ${key.name}
acl:
  - id: notified
    address: 127.0.0.0/8
    action: notify
template:
  - id: default
    storage: "${dir}"
zone:
${zones.map((zone) => `  - domain: ${zone}\n    master: longshore\n    acl: notified\n`).join('')}`;
  await writeFile(join(dir, 'knot.conf'), configuration);
  return start('knotd', ['-c', join(dir, 'knot.conf')], dir);
}

function start(program: string, args: readonly string[], dir: string): NameServer {
  const child: ChildProcess = spawn(program, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` },
  });
  const lines: string[] = [];
  child.stdout?.on('data', (chunk: Buffer) => lines.push(chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => lines.push(chunk.toString()));
  child.on('error', (error) => lines.push(`${program}: ${error.message}`));
  return {
    output: () => lines.join(''),
    async stop() {
      if (child.exitCode === null && child.signalCode === null && child.pid !== undefined) {
        const gone = new Promise((resolve) => child.once('exit', resolve));
        child.kill('SIGTERM');
        await gone;
      }
      await rm(dir, { recursive: true, force: true });
    },
  };
}

/** What dig prints of the question with these options; its exit code is not looked at. */
export async function dig(server: Address, ...args: readonly string[]): Promise<string> {
  const all = [`@${server.host}`, '-p', String(server.port), '+time=5', '+tries=3', ...args];
  try {
    return (await run('dig', all)).stdout.trim();
  } catch (error) {
    return error instanceof Error && 'stdout' in error ? String(error.stdout).trim() : '';
  }
}

/** Waits until dig prints these lines, in any order, for a short question. */
export async function untilDug(
  server: Address,
  question: readonly string[],
  wanted: readonly string[],
  why: () => string,
) {
  let found: readonly string[] = [];
  try {
    await untilTrue(`${server.host} answers ${question.join(' ')} with ${wanted.join(' ')}`, async () => {
      found = (await dig(server, '+short', ...question))
        .split('\n')
        .filter((line) => line !== '')
        .sort();
      return JSON.stringify(found) === JSON.stringify([...wanted].sort());
    });
  } catch (error) {
    throw new Error(`it answered: ${found.join(' ')}\n${why()}`, { cause: error });
  }
}

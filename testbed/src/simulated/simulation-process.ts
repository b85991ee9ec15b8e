import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import type { ChangeOrder } from './change-maker.ts';
import type { Fault } from './fault.ts';

const hostSchema = z.object({
  name: z.string(),
  kind: z.enum(['lxd', 'incus']),
  url: z.string(),
  fingerprint: z.string(),
  /** One-time trust token. */
  token: z.string(),
});
const startedSchema = z.object({ control: z.url(), hosts: z.array(hostSchema) });
const changesSchema = z.object({
  running: z.boolean(),
  changes: z.array(
    z.object({
      seq: z.number(),
      host: z.string(),
      instance: z.string(),
      atMs: z.number(),
      kind: z.enum(['config', 'status']),
      value: z.string(),
    }),
  ),
});
const statsSchema = z.object({
  hosts: z.number(),
  instances: z.number(),
  eventStreams: z.number(),
  requests: z.record(z.string(), z.number()),
  rssBytes: z.number(),
  cpuMs: z.number(),
});

export interface SimulationProcessOptions {
  readonly hosts: number;
  readonly instancesPerHost: number;
  readonly kind?: 'lxd' | 'incus' | 'mixed';
  readonly latencyMs?: number;
  readonly projects?: readonly string[];
  readonly seed?: number;
  /** File with the certificate (PEM) of a client that all hosts trust from the start. */
  readonly trustFile?: string;
}

/** Simulated hosts in a child process, so that their memory and processor time are not the caller's. */
export interface SimulationProcess extends AsyncDisposable {
  readonly hosts: readonly z.infer<typeof hostSchema>[];
  readonly pid: number;
  /** Begins to make changes on the hosts at a steady rate; see `changes` for what was made. */
  startChanges(order: ChangeOrder): Promise<void>;
  /** The changes after number `since`, and whether more are to come. */
  changes(since?: number): Promise<z.infer<typeof changesSchema>>;
  stats(): Promise<z.infer<typeof statsSchema>>;
  /** Sets how a host behaves. */
  setHost(
    name: string,
    change: {
      latencyMs?: number;
      fault?: Fault | null;
      silenceEvents?: boolean;
      power?: 'off' | 'on';
      renewCertificate?: true;
    },
  ): Promise<void>;
  close(): Promise<void>;
}

/** Starts the process and resolves when all hosts are up. Throws with what it said when it ends before that. */
export async function startSimulationProcess(options: SimulationProcessOptions): Promise<SimulationProcess> {
  const words = [
    ['--hosts', options.hosts],
    ['--instances', options.instancesPerHost],
    ['--kind', options.kind ?? 'lxd'],
    ['--latency', options.latencyMs ?? 0],
    ['--projects', (options.projects ?? []).join(',')],
    ['--seed', options.seed ?? 1],
    ...(options.trustFile === undefined ? [] : [['--trust', options.trustFile]]),
  ];
  const child = spawn(
    process.execPath,
    [new URL('main.ts', import.meta.url).pathname, ...words.flat().map(String)],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
      // glibc would keep the pages of large replies for itself: 660 MB instead of 580 MB after a full read of 1,000 hosts
      env: { ...process.env, MALLOC_MMAP_THRESHOLD_: '65536' },
    },
  );
  const { control, hosts } = startedSchema.parse(JSON.parse(await firstLine(child)));
  const ask = async (method: string, path: string, body?: object): Promise<unknown> => {
    const content = body === undefined ? {} : { body: JSON.stringify(body) };
    const response = await fetch(`${control}${path}`, { method, ...content });
    const value: unknown = await response.json();
    if (!response.ok) throw new Error(`simulation: ${method} ${path}: ${JSON.stringify(value)}`);
    return value;
  };
  const close = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    await ended;
  };
  return {
    hosts,
    pid: child.pid ?? 0,
    startChanges: async (order) => void (await ask('POST', '/changes', order)),
    changes: async (since = 0) => changesSchema.parse(await ask('GET', `/changes?since=${since}`)),
    stats: async () => statsSchema.parse(await ask('GET', '/stats')),
    setHost: async (name, change) => void (await ask('POST', `/hosts/${name}`, change)),
    close,
    [Symbol.asyncDispose]: close,
  };
}

async function firstLine(child: ChildProcess): Promise<string> {
  if (!child.stdout) throw new Error('simulation: no output to read');
  const lines = createInterface({ input: child.stdout });
  const line = once(lines, 'line').then(([text]: unknown[]) => String(text));
  const ended = once(child, 'exit').then(([code]: unknown[]) => {
    throw new Error(`simulation: the process ended with ${String(code)} before its hosts were up`);
  });
  return Promise.race([line, ended]);
}

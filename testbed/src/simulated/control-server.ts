import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { z } from 'zod';
import { ChangeMaker } from './change-maker.ts';
import type { SimulatedHost } from './simulated-host.ts';

const orderSchema = z.object({
  perSecond: z.number().positive(),
  seconds: z.number().positive(),
  kind: z.enum(['config', 'status']).optional(),
  hosts: z.number().int().positive().optional(),
});

const hostSchema = z.object({
  latencyMs: z.number().min(0).optional(),
  fault: z
    .union([
      z.object({ status: z.number().int(), rate: z.number().min(0).max(1) }),
      z.enum(['hang', 'garbage', 'huge', 'reset']),
      z.null(),
    ])
    .optional(),
  silenceEvents: z.boolean().optional(),
  power: z.enum(['off', 'on']).optional(),
  renewCertificate: z.literal(true).optional(),
});

/**
 * Steers simulated hosts of this process over HTTP, for a bench that runs them as a child:
 * `POST /changes`, `GET /changes?since=N`, `POST /hosts/NAME`, `GET /stats`. Loopback only, no authentication:
 * whoever can reach it could as well end the process.
 */
export async function startControlServer(
  hosts: readonly SimulatedHost[],
): Promise<{ url: string; server: Server }> {
  const maker = new ChangeMaker(hosts, Date.now);
  const server = createServer((request, response) => {
    const reply = (status: number, value: unknown) => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(`${JSON.stringify(value)}\n`);
    };
    steer(hosts, maker, request).then(
      (value) => reply(200, value),
      (error: unknown) => reply(400, { error: String(error) }),
    );
  });
  server.on('close', () => maker.stop());
  const listening = once(server, 'listening');
  server.listen(0, '127.0.0.1');
  await listening;
  const bound = server.address();
  const port = typeof bound === 'object' && bound !== null ? bound.port : 0;
  return { url: `http://127.0.0.1:${port}`, server };
}

async function steer(
  hosts: readonly SimulatedHost[],
  maker: ChangeMaker,
  request: IncomingMessage,
): Promise<unknown> {
  const url = new URL(request.url ?? '/', 'http://control');
  const [, collection, name] = url.pathname.split('/');
  const what = `${request.method ?? ''} /${collection ?? ''}`;
  switch (what) {
    case 'POST /changes':
      maker.start(orderSchema.parse(await json(request)));
      return { running: true };
    case 'GET /changes':
      return { running: maker.running, changes: maker.since(Number(url.searchParams.get('since') ?? '0')) };
    case 'GET /stats':
      return stats(hosts);
    case 'POST /hosts': {
      const host = hosts.find((one) => one.name === name);
      if (!host) throw new Error(`no simulated host ${name ?? ''}`);
      await setHost(host, hostSchema.parse(await json(request)));
      return { name: host.name, url: host.url, fingerprint: host.fingerprint };
    }
    default:
      throw new Error(`no such thing to steer: ${what}`);
  }
}

async function setHost(host: SimulatedHost, change: z.infer<typeof hostSchema>): Promise<void> {
  if (change.latencyMs !== undefined) host.setLatency(change.latencyMs);
  if (change.fault !== undefined) host.fail(change.fault);
  if (change.silenceEvents !== undefined) host.silenceEvents(change.silenceEvents);
  if (change.power === 'off') await host.stop();
  if (change.power === 'on') await host.start();
  if (change.renewCertificate) await host.renewCertificate();
}

function stats(hosts: readonly SimulatedHost[]) {
  const requests: Record<string, number> = {};
  for (const host of hosts) {
    for (const [key, count] of Object.entries(host.requests())) requests[key] = (requests[key] ?? 0) + count;
  }
  const { user, system } = process.cpuUsage();
  return {
    hosts: hosts.length,
    instances: hosts.reduce((sum, host) => sum + host.instances(), 0),
    eventStreams: hosts.reduce((sum, host) => sum + host.eventStreams(), 0),
    requests,
    rssBytes: process.memoryUsage.rss(),
    cpuMs: Math.round((user + system) / 1000),
  };
}

async function json(request: IncomingMessage): Promise<unknown> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of request) if (chunk instanceof Uint8Array) chunks.push(chunk);
  return JSON.parse(Buffer.concat(chunks).toString());
}

import { spawn, spawnSync } from 'node:child_process';
import { createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import type { Bench } from '../bench.ts';
import { statisticsOf } from '../report/statistics.ts';
import { type ConsoleFleet, openConsoleFleet, openDirect, openThrough } from './console-fleet.ts';

const MEGABYTE = 1_000_000;

/** How fast a container's output comes through the proxy, against the host's socket itself and against websockify. */
export const consoleThroughput: Bench = {
  name: 'console-throughput',
  measures: 'output of a real container through the console proxy, against LXD direct and against websockify',
  async run({ quick, log, signal }) {
    const bytes = (quick ? 20 : 200) * MEGABYTE;
    await using fleet = await openConsoleFleet('bthru', signal);
    await fleet.lxd.instances.exec(fleet.instanceName, {
      command: ['sh', '-c', `head -c ${bytes} /dev/zero | tr '\\0' x > /root/big`],
      timeoutMs: 120_000,
    });
    const direct: number[] = [];
    const through: number[] = [];
    const websockify: number[] = [];
    for (let round = 0; round < (quick ? 2 : 5); round += 1) {
      direct.push(await timed(bytes, (count, all) => readDirect(fleet, count, all)));
      through.push(await timed(bytes, (count, all) => readThrough(fleet, count, all)));
      websockify.push(await timed(bytes, (count) => readByWebsockify(bytes, count, signal)));
      log(
        `round ${round + 1}: direct ${direct.at(-1)?.toFixed(0)}, through ${through.at(-1)?.toFixed(0)}, websockify ${websockify.at(-1)?.toFixed(0)} MB/s`,
      );
    }
    const [ours, peer, other] = [through, direct, websockify].map((values) => statisticsOf(values).median);
    if (ours === undefined || peer === undefined || other === undefined)
      throw new Error('nothing was measured');
    return {
      bench: 'console-throughput',
      series: [
        { name: 'LXD direct', unit: 'MB/s', values: direct },
        { name: 'through Longshore', unit: 'MB/s', values: through },
        { name: 'websockify', unit: 'MB/s', values: websockify },
      ],
      results: [
        {
          metric: 'against LXD direct',
          unit: 'MB/s',
          ours,
          peer,
          ratio: ours / peer,
          reach: '>= 0.9 times',
          met: ours >= 0.9 * peer,
        },
        {
          metric: 'against websockify',
          unit: 'MB/s',
          ours,
          peer: other,
          ratio: ours / other,
          reach: '>= 3 times',
          met: ours >= 3 * other,
        },
      ],
      notes: [
        `${bytes / MEGABYTE} MB of text out of a terminal in a real container, over the host's unix socket both ways.`,
        'websockify has the same bytes from memory over TCP: no container and no terminal slows it.',
      ],
    };
  },
};

type Count = (size: number) => void;

/** Until all has come: how a program ends is not measured, and LXD 5.0 may lose the last lines of one that does. */
async function timed(
  bytes: number,
  read: (count: Count, all: Promise<void>) => Promise<void>,
): Promise<number> {
  const all = Promise.withResolvers<void>();
  let got = 0;
  let tookMs = 0;
  const started = performance.now();
  await read((size) => {
    got += size;
    if (got < bytes || tookMs > 0) return;
    tookMs = performance.now() - started;
    all.resolve();
  }, all.promise);
  if (got < bytes) throw new Error(`${got} of ${bytes} bytes came`);
  return bytes / 1000 / tookMs;
}

const COMMAND = ['sh', '-c', 'cat /root/big; read x'];

async function readDirect(fleet: ConsoleFleet, count: Count, all: Promise<void>): Promise<void> {
  const terminal = await openDirect(fleet, COMMAND, (chunk) => count(chunk.length));
  await Promise.race([all, terminal.ended]);
  terminal.ended.catch(() => undefined);
  terminal.close();
}

async function readThrough(fleet: ConsoleFleet, count: Count, all: Promise<void>): Promise<void> {
  const terminal = openThrough(fleet, COMMAND, (chunk) => count(chunk.length));
  await Promise.race([all, terminal.ended]);
  terminal.close();
}

async function readByWebsockify(
  bytes: number,
  count: (size: number) => void,
  signal: AbortSignal,
): Promise<void> {
  if (spawnSync('websockify', ['--version']).error !== undefined) {
    const install = spawnSync('apt-get', ['install', '-y', '--no-install-recommends', 'websockify']);
    if (install.status !== 0) throw new Error(`websockify cannot be installed: ${install.stderr}`);
  }
  const chunk = Buffer.alloc(65_536, 'x');
  const source = createServer((socket) => {
    let left = bytes;
    const write = () => {
      while (left > 0) {
        const size = Math.min(left, chunk.length);
        left -= size;
        if (!socket.write(chunk.subarray(0, size))) return;
      }
      socket.end();
    };
    socket.on('drain', write);
    socket.on('error', () => socket.destroy());
    write();
  });
  await new Promise<void>((resolve) => source.listen(0, '127.0.0.1', resolve));
  const free = createServer();
  await new Promise<void>((resolve) => free.listen(0, '127.0.0.1', resolve));
  const port = portOf(free);
  await new Promise((resolve) => free.close(resolve));
  const proxy = spawn('websockify', [`127.0.0.1:${port}`, `127.0.0.1:${portOf(source)}`], {
    stdio: 'ignore',
  });
  try {
    for (let attempt = 0; ; attempt += 1) {
      if (await readWebSocket(`ws://127.0.0.1:${port}`, count)) return;
      if (attempt > 100) throw new Error('websockify does not answer');
      await pause(50, undefined, { signal });
    }
  } finally {
    proxy.kill();
    source.close();
  }
}

/** @returns false where nobody listens yet */
function readWebSocket(url: string, count: (size: number) => void): Promise<boolean> {
  const socket = new WebSocket(url, 'binary');
  socket.binaryType = 'arraybuffer';
  let opened = false;
  return new Promise((resolve) => {
    socket.onopen = () => {
      opened = true;
    };
    socket.onerror = () => undefined;
    socket.onmessage = ({ data }: MessageEvent) => {
      if (data instanceof ArrayBuffer) count(data.byteLength);
    };
    socket.onclose = () => resolve(opened);
  });
}

function portOf(server: ReturnType<typeof createServer>): number {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

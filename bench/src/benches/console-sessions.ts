import { type ChildProcess, fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { createConsoleDesk } from '@longshore/consoles';
import { CONSOLE_PROTOCOL, ConsoleCreation } from '@longshore/contract';
import type { Bench } from '../bench.ts';
import { openConsoleDatabase } from './console-database.ts';

const SHELLS = 10;
const OPENING_AT_ONCE = 20;
const CHILD = fileURLToPath(new URL('console-proxy-process.ts', import.meta.url));

/** What a console process weighs with many idle sessions. */
export const consoleSessions: Bench = {
  name: 'console-sessions',
  measures: 'memory of one console proxy with 1,000 idle text sessions, and whether it holds 5,000',
  async run({ quick, log, signal }) {
    await using database = await openConsoleDatabase(500);
    const { store, instanceIds } = database;
    const proxy = fork(CHILD, [database.url], {
      execArgv: ['--max-semi-space-size=2', '--optimize-for-size'],
    });
    try {
      const url = await started(proxy);
      const pid = proxy.pid ?? 0;
      const desk = createConsoleDesk(store, { shellsPerInstance: SHELLS, ticketSeconds: 600 });
      const asked = ConsoleCreation.parse({ type: 'shell' });
      const who = {
        kind: 'person',
        id: randomUUID(),
        name: 'anna',
        tokenId: null,
        loginId: randomUUID(),
        expiresAt: null,
      } as const;
      const sockets: WebSocket[] = [];
      const openUpTo = async (wanted: number) => {
        let next = sockets.length;
        const worker = async () => {
          while (next < wanted) {
            signal.throwIfAborted();
            const instanceId = instanceIds[next % instanceIds.length] ?? '';
            next += 1;
            const { ticket } = await desk.issue({
              instanceId,
              asked,
              who,
              origin: null,
              address: '192.0.2.1',
            });
            sockets.push(await opened(url, ticket));
          }
        };
        await Promise.all(Array.from({ length: OPENING_AT_ONCE }, worker));
      };
      const empty = await residentBytes(pid);
      const weighed = quick ? 200 : 1000;
      await openUpTo(weighed);
      const withSome = await residentBytes(pid);
      log(`${weighed} sessions: ${(withSome / 1e6).toFixed(0)} MB, empty ${(empty / 1e6).toFixed(0)} MB`);
      const most = quick ? 500 : 5000;
      await openUpTo(most);
      const withMost = await residentBytes(pid);
      const standing = sockets.filter((socket) => socket.readyState === WebSocket.OPEN).length;
      log(`${standing} of ${most} sessions stand: ${(withMost / 1e6).toFixed(0)} MB`);
      for (const socket of sockets) socket.close();
      return {
        bench: 'console-sessions',
        series: [
          { name: `for each session of ${most}`, unit: 'kB', values: [(withMost - empty) / most / 1000] },
        ],
        results: [
          {
            metric: `resident with ${weighed} sessions`,
            unit: 'MB',
            ours: withSome / 1e6,
            peer: null,
            ratio: null,
            reach: '<= 400 MB',
            met: withSome <= 400e6,
          },
          {
            metric: `sessions that stand, of ${most}`,
            unit: '',
            ours: standing,
            peer: null,
            ratio: null,
            reach: 'all',
            met: standing === most,
          },
        ],
        notes: [
          'The proxy is a process of its own; hosts are stood in for by a TCP connection for each session.',
        ],
      };
    } finally {
      proxy.kill();
    }
  },
};

function started(proxy: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    proxy.once('message', (url) => resolve(String(url)));
    proxy.once('exit', (code) => reject(new Error(`the proxy ended with ${code}`)));
  });
}

function opened(url: string, ticket: string): Promise<WebSocket> {
  const socket = new WebSocket(url, CONSOLE_PROTOCOL);
  return new Promise((resolve, reject) => {
    socket.onopen = () => socket.send(JSON.stringify({ type: 'open', ticket }));
    socket.onmessage = () => resolve(socket);
    socket.onclose = ({ code, reason }) => reject(new Error(`a session ended with ${code} ${reason}`));
    socket.onerror = () => undefined;
  });
}

/** VmRSS of a process (proc_pid_status(5)). */
async function residentBytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024;
}

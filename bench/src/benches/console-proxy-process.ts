// A console proxy as a process of its own, for the bench `console-sessions`: its memory is weighed from outside.
import { randomBytes, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { connect, createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { startConsoleProxy } from '@longshore/consoles';
import { createFleetContext } from '@longshore/fleet';
import { connectStore, createSealer, silentLog } from '@longshore/store';

const store = connectStore({ url: process.argv[2] ?? '', log: silentLog });
const key = { id: 'bench', key: randomBytes(32) };
const context = createFleetContext({
  store,
  sealer: createSealer({ keys: [key], active: key.id }),
  log: silentLog,
  dataDir: tmpdir(),
  workerId: randomUUID(),
});

const port = (server: Readonly<{ address(): unknown }>): number => {
  const address = server.address();
  return typeof address === 'object' && address !== null && 'port' in address ? Number(address.port) : 0;
};

const hosts = createTcpServer((socket) => socket.resume());
await new Promise<void>((resolve) => hosts.listen(0, '127.0.0.1', resolve));
const proxy = await startConsoleProxy({
  context,
  url: null,
  access: { mayOpen: async () => true, onChange: async () => ({ stop: () => undefined }) },
  audit: async () => undefined,
  dial: async () => {
    const stream = connect(port(hosts), '127.0.0.1');
    return {
      stream,
      resize: () => undefined,
      exitCode: new Promise<number>(() => undefined),
      close: () => stream.destroy(),
    };
  },
});
const server = createServer();
server.on('upgrade', proxy.handleUpgrade);
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
process.send?.(`ws://127.0.0.1:${port(server)}/v1/console`);

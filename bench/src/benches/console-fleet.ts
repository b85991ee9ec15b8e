import { setTimeout as pause } from 'node:timers/promises';
import { type Client, createClient, openConsole, waitForOperation } from '@longshore/contract';
import { createLxdClient, type LxdClient } from '@longshore/lxd';
import { openTestbed, startLongshore } from '@longshore/testbed';

/** One real host with a running instance, reached through Longshore and directly, both over the host's own socket. */
export type ConsoleFleet = AsyncDisposable &
  Readonly<{ client: Client; url: string; lxd: LxdClient; instanceId: string; instanceName: string }>;

const INSTANCE = 'web1';

/** Brings it up. */
export async function openConsoleFleet(name: string, signal: AbortSignal): Promise<ConsoleFleet> {
  const testbed = await openTestbed({ name, lxd: 1, trust: false, signal });
  const [host] = testbed.hosts;
  if (host === undefined) throw new Error('the testbed has no host');
  const longshore = await startLongshore();
  const lxd = createLxdClient({ kind: 'unix', path: host.socketPath });
  const close = async () => {
    await lxd.close();
    await longshore.stop();
    await testbed.close();
  };
  try {
    await host.importImage('busybox');
    const client = createClient({ url: longshore.url, token: longshore.token });
    const { value: enrolled } = await client.call('enrolHost', {
      body: { name: host.name, access: { by: 'socket', path: host.socketPath } },
    });
    await waitForOperation(client, enrolled.operation.id);
    for (let online = false; !online; await pause(100, undefined, { signal })) {
      const { value } = await client.call('listHosts', {});
      online = value.items[0]?.status === 'online';
    }
    const { value } = await client.call('createInstance', {
      body: { name: INSTANCE, source: { image: 'bb' } },
    });
    await waitForOperation(client, value.operation.id);
    return {
      client,
      url: longshore.url,
      lxd,
      instanceId: value.instanceId,
      instanceName: INSTANCE,
      [Symbol.asyncDispose]: close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** A terminal, whichever way. */
export type BenchTerminal = Readonly<{ type(bytes: Uint8Array): void; ended: Promise<void>; close(): void }>;

/** Opens a terminal through Longshore, with the client that the command line has. */
export function openThrough(
  fleet: ConsoleFleet,
  command: readonly string[] | undefined,
  show: (bytes: Uint8Array) => void,
): BenchTerminal {
  const ended = Promise.withResolvers<void>();
  ended.promise.catch(() => undefined); // likewise of one that the bench has closed
  const connection = openConsole({
    baseUrl: fleet.url,
    ticket: async () => {
      const { value } = await fleet.client.call('openConsole', {
        params: { id: fleet.instanceId },
        body: { type: 'shell', ...(command === undefined ? {} : { command: [...command] }) },
      });
      return value;
    },
    show,
    notice(notice) {
      if (notice.type !== 'state' || notice.state !== 'closed') return;
      if (notice.ending === 'ended') ended.resolve();
      else ended.reject(new Error(notice.message));
    },
  });
  return { type: connection.type, close: connection.close, ended: ended.promise };
}

/** Opens the same terminal at the host itself. */
export async function openDirect(
  fleet: ConsoleFleet,
  command: readonly string[],
  show: (bytes: Uint8Array) => void,
): Promise<BenchTerminal> {
  const session = await fleet.lxd.instances.execInteractive(fleet.instanceName, { command });
  session.stream.on('data', show);
  session.exitCode.catch(() => undefined); // of a terminal that is closed before its end nobody asks it
  return {
    type: (bytes) => void session.stream.write(bytes),
    close: session.close,
    get ended() {
      return session.exitCode.then(() => undefined);
    },
  };
}

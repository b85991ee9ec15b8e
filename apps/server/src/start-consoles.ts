import { readFileSync } from 'node:fs';
import type { Server } from 'node:http';
import { type ConsoleProxy, startConsoleProxy } from '@longshore/consoles';
import type { FleetContext } from '@longshore/fleet';
import type { Identity } from '@longshore/identity';
import { clientAddressOf } from './client-address.ts';
import type { Configuration } from './configuration.ts';
import { consoleAccess, consoleAudit } from './console-access.ts';
import { listenForConsoles } from './listen-for-consoles.ts';

/** Where consoles answer in a process without an API that would take them in. */
const DEFAULT_LISTEN = { host: '127.0.0.1', port: 8421 };

/** What consoles are put together from. */
export type ConsoleParts = Readonly<{
  configuration: Configuration;
  context: FleetContext;
  identity: Identity;
  closers: { add(name: string, close: () => Promise<void>): void };
}>;

/**
 * Starts the role `console`: at the API's server, or where it has an address of its own there.
 *
 * @param server of the API; null: this process has none
 */
export async function startConsoles(
  { configuration, context, identity, closers }: ConsoleParts,
  server: Server | null,
): Promise<ConsoleProxy> {
  const { listen, publicUrl, ...settings } = configuration.console;
  const start = async (url: string | null) => {
    const proxy = await startConsoleProxy({
      context,
      access: consoleAccess(context, identity),
      audit: consoleAudit(context),
      settings,
      url,
      addressOf: clientAddressOf(configuration.trustedProxies),
    });
    closers.add('consoles', proxy.stop);
    return proxy;
  };
  if (server !== null && listen === undefined) {
    const proxy = await start(publicUrl ?? null);
    server.on('upgrade', proxy.handleUpgrade);
    return proxy;
  }
  const { tls } = configuration;
  const files =
    tls === undefined
      ? undefined
      : { cert: readFileSync(tls.certificatePath), key: readFileSync(tls.keyPath) };
  const listener = await listenForConsoles(listen ?? DEFAULT_LISTEN, files);
  closers.add('console listener', listener.close);
  const proxy = await start(publicUrl ?? listener.url);
  listener.serve(proxy);
  return proxy;
}

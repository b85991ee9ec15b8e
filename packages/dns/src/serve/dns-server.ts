import { randomBytes } from 'node:crypto';
import type { Log, Sealer, Store } from '@longshore/store';
import { createNotifier } from '../transfer/notify-secondaries.ts';
import { signedMessages } from '../transfer/signed-messages.ts';
import { createCookies } from './cookies.ts';
import { followZones } from './follow-zones.ts';
import { createRateLimit } from './rate-limit.ts';
import { type DnsCounts, Responder } from './responder.ts';
import { serveTcp, type TcpServer } from './tcp-server.ts';
import { type ListenAddress, type SpecialMessages, serveUdp, type UdpServer } from './udp-server.ts';
import { ZoneTable } from './zone-table.ts';

/** How {@link startDns} is run. */
export type DnsOptions = Readonly<{
  store: Store;
  /** Opens the secrets of keys. */
  sealer: Sealer;
  log: Log;
  /** Addresses to answer on, by UDP and TCP; none: names are published, and nobody is answered here. */
  listen: readonly ListenAddress[];
  /** Like answers to one network in a second; 0: no limit. */
  answersPerSecond?: number;
  clock?: () => Date;
}>;

/** A running name server. */
export type DnsServer = Readonly<{
  /** Where it answers, with the ports that were chosen for port 0. */
  addresses: readonly ListenAddress[];
  counts: Readonly<DnsCounts>;
  /** Names in memory. */
  names(): number;
  zones(): number;
  /** Seconds since answers were last known to be true to the database. */
  staleSeconds(): number;
  /** Twice is harmless. */
  stop(): Promise<void>;
}>;

/** BIND's documentation begins with 5 to 10, for one name; a resolver of a large office asks more often after a start. */
const DEFAULT_ANSWERS_PER_SECOND = 100;

/**
 * Publishes the names of the fleet and answers for them. Returns when it answers.
 * @throws the system's error for an address that cannot be listened on; StoreError when the database cannot be read
 */
export async function startDns(options: DnsOptions): Promise<DnsServer> {
  const { store, sealer, log } = options;
  const clock = options.clock ?? (() => new Date());
  const table = new ZoneTable(randomBytes(4).readInt32BE(0));
  const perSecond = options.answersPerSecond ?? DEFAULT_ANSWERS_PER_SECOND;
  const responder = new Responder({
    table,
    rateLimit: perSecond === 0 ? null : createRateLimit(perSecond, clock),
    cookies: createCookies(randomBytes(32), clock),
  });
  const notifier = createNotifier(store, log);
  const follower = followZones({ store, table, log, clock, onChanged: notifier.changed });
  const special = signedMessages({ store, sealer, table, responder, log, clock });
  const open: (UdpServer | TcpServer)[] = [];
  let stopped: Promise<void> | undefined;
  const stop = () => {
    stopped ??= Promise.all(open.map((server) => server.close()))
      .then(follower.stop)
      .then(notifier.stop);
    return stopped;
  };
  try {
    await follower.start();
    const addresses: ListenAddress[] = [];
    for (const address of options.listen)
      addresses.push(await listenOn(address, { responder, special, log }, open));
    return {
      addresses,
      counts: responder.counts,
      names: () => table.size,
      zones: () => table.zones().length,
      staleSeconds: follower.staleSeconds,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** A free port may be free for one protocol only. */
const PORT_ATTEMPTS = 20;

async function listenOn(
  { host, port }: ListenAddress,
  { responder, special, log }: Readonly<{ responder: Responder; special: SpecialMessages; log: Log }>,
  open: (UdpServer | TcpServer)[],
): Promise<ListenAddress> {
  for (let attempt = 1; ; attempt += 1) {
    const tcp = await serveTcp({ host, port }, responder, special);
    try {
      const udp = await serveUdp({ host, port: tcp.port }, responder, special, log);
      open.push(tcp, udp);
      return { host, port: tcp.port };
    } catch (error) {
      await tcp.close();
      if (port !== 0 || attempt === PORT_ATTEMPTS) throw error;
    }
  }
}

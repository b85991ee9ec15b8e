import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { Log, Store } from '@longshore/store';
import { nameToWire } from '../wire/domain-name.ts';
import { CLASS_IN, RECORD_TYPES } from '../wire/record-types.ts';
import { readSecondaries } from './read-transfer.ts';

/** Tells secondaries that a zone has a new version (RFC 1996). */
export type Notifier = Readonly<{
  changed(zoneIds: readonly string[]): void;
  stop(): Promise<void>;
}>;

/** RFC 1996, 3.6: again until it is answered. A secondary that never hears of it asks by itself, after the SOA's refresh. */
const PAUSES_MS = [500, 1000, 2000, 4000, 8000, 16_000];
const PORT = 53;
const OPCODE_NOTIFY = 4;

/** Nothing is sent before the first change. */
export function createNotifier(store: Store, log: Log): Notifier {
  const stopping = new AbortController();
  const running = new Map<string, AbortController>();
  let work: Promise<void> = Promise.resolve();

  /** False: it did not answer, or cannot be sent to. */
  const tell = (zone: string, secondary: string, signal: AbortSignal): Promise<boolean> =>
    notify(zone, secondary, signal).catch((error: unknown) => {
      log.warn({ error, zone, secondary }, 'a secondary cannot be told of a change');
      return false;
    });

  const notifyAll = async (zoneIds: readonly string[]): Promise<void> => {
    for (const { name, secondaries } of await readSecondaries(store.db, zoneIds)) {
      for (const secondary of secondaries) {
        const key = `${name} ${secondary}`;
        running.get(key)?.abort(); // the newer version is all that counts
        const own = new AbortController();
        running.set(key, own);
        void tell(name, secondary, AbortSignal.any([own.signal, stopping.signal])).then((answered) => {
          if (running.get(key) === own) running.delete(key);
          if (!answered)
            log.warn({ zone: name, secondary }, 'a secondary does not answer that a zone has changed');
        });
      }
    }
  };

  return {
    changed(zoneIds) {
      work = work
        .then(() => notifyAll(zoneIds))
        .catch((error: unknown) => log.warn({ error }, 'secondaries could not be told of a change'));
    },
    async stop() {
      stopping.abort();
      await work;
    },
  };
}

/** Sends until it is answered; true: it was, or a newer one took its place. */
async function notify(zone: string, secondary: string, signal: AbortSignal): Promise<boolean> {
  const { host, port } = endpointOf(secondary);
  const id = randomInt(65_536);
  const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4');
  const answered = new AbortController();
  socket.on('message', (message) => {
    if (message.length >= 12 && message.readUInt16BE(0) === id && ((message[2] ?? 0) & 0x80) !== 0)
      answered.abort();
  });
  socket.on('error', () => undefined); // nobody listens there: sent again below
  try {
    for (const pauseMs of PAUSES_MS) {
      socket.send(messageOf(zone, id), port, host);
      await delay(pauseMs, undefined, {
        signal: AbortSignal.any([signal, answered.signal]),
        ref: false,
      }).catch(() => undefined); // ended early
      if (answered.signal.aborted || signal.aborted) return true;
    }
    return false;
  } finally {
    socket.close();
  }
}

function messageOf(zone: string, id: number): Buffer {
  const head = Buffer.alloc(12);
  head.writeUInt16BE(id, 0);
  head[2] = (OPCODE_NOTIFY << 3) | 4; // authoritative
  head.writeUInt16BE(1, 4);
  return Buffer.concat([head, nameToWire(zone), Buffer.from([0, RECORD_TYPES.SOA, 0, CLASS_IN])]);
}

function endpointOf(text: string): Readonly<{ host: string; port: number }> {
  const bracketed = /^\[(.+)\]:(\d+)$/.exec(text) ?? /^(\d+(?:\.\d+){3}):(\d+)$/.exec(text);
  return bracketed === null
    ? { host: text, port: PORT }
    : { host: bracketed[1] ?? '', port: Number(bracketed[2]) };
}

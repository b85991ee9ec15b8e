import type { Log, Sealer, Store } from '@longshore/store';
import { readKey } from '../keys/keys.ts';
import { type Responder, SPECIAL } from '../serve/responder.ts';
import type { SpecialMessages } from '../serve/udp-server.ts';
import type { ServedZone, ZoneTable } from '../serve/zone-table.ts';
import { RCODE, RECORD_TYPES } from '../wire/record-types.ts';
import {
  createTsigSigner,
  findTsig,
  plainName,
  skipName,
  type Tsig,
  tsigError,
  verifyTsig,
} from '../wire/tsig.ts';
import { readTransfer } from './read-transfer.ts';

/** What {@link signedMessages} works with. */
export type SignedMessagesOptions = Readonly<{
  store: Store;
  sealer: Sealer;
  table: ZoneTable;
  responder: Responder;
  log: Log;
  clock: () => Date;
}>;

type Key = NonNullable<Awaited<ReturnType<typeof readKey>>>;
type Send = (answer: Buffer) => Promise<void>;

const LARGEST = 65_535;
/** Of a transfer's messages: few enough octets that a pointer could reach all (RFC 5936, 3.4), and little to lose. */
const MESSAGE_OCTETS = 16_000;
/** Each takes a connection to the database; secondaries that are sent away come again. */
const MOST_TRANSFERS = 3;

/** Signed questions (RFC 8945), and transfers of zones (RFC 5936, RFC 1995), which nobody gets without a key. */
export function signedMessages(options: SignedMessagesOptions): SpecialMessages {
  const { store, sealer, table, responder, log, clock } = options;
  let transfers = 0;

  const errorOf = (message: Buffer, rcode: number): Buffer => {
    const out = Buffer.alloc(LARGEST);
    return Buffer.from(out.subarray(0, responder.refuse(message, out, rcode)));
  };

  const answer = async (message: Buffer, isTcp: boolean, address: string, send: Send): Promise<void> => {
    const tsig = findTsig(message);
    const question = questionOf(message);
    if (question === null) return send(errorOf(message, RCODE.FORMERR));
    const isTransfer = question.type === RECORD_TYPES.AXFR || question.type === RECORD_TYPES.IXFR;
    if (tsig === null) return send(errorOf(message, isTransfer ? RCODE.REFUSED : RCODE.FORMERR));
    const key = await readKey(store.db, sealer, tsig.keyName);
    const verdict = verifyTsig(tsig, key, clock());
    if (verdict !== RCODE.NOERROR || key === null) {
      return send(tsigError(errorOf(message, RCODE.NOTAUTH), tsig, key, verdict, clock()));
    }
    const sign = createTsigSigner(tsig, key, clock);
    if (!isTransfer) return send(sign(plainAnswer(tsig, isTcp, address)));
    const zone = table.zones().find(({ name }) => `${name}.` === question.name);
    if (zone === undefined || !isFor(key, zone)) return send(sign(errorOf(message, RCODE.REFUSED)));
    if (!isTcp) {
      // RFC 1995, 2: the present version alone says whether to come by TCP.
      if (question.type === RECORD_TYPES.AXFR) return send(sign(errorOf(message, RCODE.REFUSED)));
      return send(sign(Buffer.concat([headOf(message, question.end, 1), zone.apex, zone.soa])));
    }
    if (transfers >= MOST_TRANSFERS) return send(sign(errorOf(message, RCODE.SERVFAIL)));
    transfers += 1;
    try {
      const since = question.type === RECORD_TYPES.IXFR ? serialIn(message, question.end) : null;
      await transfer(message, question.end, { zone, since, sign, send });
      log.info({ zone: zone.name, key: key.name, address, since }, 'a zone was transferred');
    } finally {
      transfers -= 1;
    }
  };

  const isFor = (key: Key, zone: ServedZone): boolean => {
    if (key.zoneId === null || key.zoneId === zone.id) return true;
    const own = table.zoneById(key.zoneId);
    return own !== undefined && zone.name.endsWith(`.${own.name}`);
  };

  /** The answer to a signed question: the same as to one that is not. */
  const plainAnswer = (tsig: Tsig, isTcp: boolean, address: string): Buffer => {
    const out = Buffer.alloc(LARGEST);
    const length = responder.respond(tsig.unsigned, out, isTcp ? 'tcp' : 'udp', address);
    return length === SPECIAL || length === 0
      ? errorOf(tsig.unsigned, RCODE.FORMERR)
      : Buffer.from(out.subarray(0, length));
  };

  const transfer = async (
    message: Buffer,
    questionEnd: number,
    {
      zone,
      since,
      sign,
      send,
    }: Readonly<{ zone: ServedZone; since: number | null; sign: (answer: Buffer) => Buffer; send: Send }>,
  ): Promise<void> => {
    let parts: Buffer[] = [];
    let octets = 0;
    let isFirst = true;
    const flush = async () => {
      if (parts.length === 0) return;
      const head = headOf(message, isFirst ? questionEnd : null, parts.length);
      await send(sign(Buffer.concat([head, ...parts])));
      isFirst = false;
      parts = [];
      octets = 0;
    };
    for await (const record of readTransfer(store, { zoneId: zone.id, since })) {
      if (octets + record.length > MESSAGE_OCTETS) await flush();
      parts.push(record);
      octets += record.length;
    }
    await flush();
  };

  return async (message, { address, transport }, send) => {
    try {
      await answer(message, transport === 'tcp', address, send);
    } catch (error) {
      log.warn({ error, address }, 'a signed DNS message could not be answered');
      await send(errorOf(message, RCODE.SERVFAIL)).catch(() => undefined); // it is gone: that may have been the reason
    }
  };
}

type SignedQuestion = Readonly<{ name: string; type: number; end: number }>;

function questionOf(message: Buffer): SignedQuestion | null {
  const name = plainName(message, 12);
  if (name === null || name.end + 4 > message.length) return null;
  return { name: name.text, type: message.readUInt16BE(name.end), end: name.end + 4 };
}

/** The header of an answer, with its question up to `end`; null: without. */
function headOf(message: Buffer, end: number | null, answers: number): Buffer {
  const head = Buffer.alloc(12);
  message.copy(head, 0, 0, 2);
  head[2] = 0x84; // an authoritative answer
  head.writeUInt16BE(end === null ? 0 : 1, 4);
  head.writeUInt16BE(answers, 6);
  return end === null ? head : Buffer.concat([head, message.subarray(12, end)]);
}

/** The version in the SOA of a question for changes (RFC 1995, 3); null: there is none, and all is sent. */
function serialIn(message: Buffer, questionEnd: number): number | null {
  if (message.readUInt16BE(8) === 0) return null;
  let at = skipName(message, questionEnd);
  if (at === -1 || at + 10 > message.length || message.readUInt16BE(at) !== RECORD_TYPES.SOA) return null;
  at = skipName(message, at + 10);
  if (at !== -1) at = skipName(message, at);
  return at === -1 || at + 4 > message.length ? null : message.readUInt32BE(at);
}

import { createHmac, timingSafeEqual } from 'node:crypto';
import { nameToText, nameToWire } from './domain-name.ts';
import { CLASS_ANY, RCODE, RECORD_TYPES } from './record-types.ts';

/** A shared secret that signs messages (RFC 8945). */
export type TsigKey = Readonly<{ name: string; secret: Buffer }>;

/** The one algorithm that everyone has to have and nobody doubts (RFC 8945, 6). */
export const TSIG_ALGORITHM = 'hmac-sha256.';
const ALGORITHM_WIRE = nameToWire(TSIG_ALGORITHM);
/** RFC 8945, 10: how far clocks may be apart. */
const FUDGE_SECONDS = 300;

/** The signature of a message that was parsed, not yet verified. */
export type Tsig = Readonly<{
  keyName: string;
  algorithm: string;
  timeSigned: number;
  fudge: number;
  mac: Buffer;
  originalId: number;
  /** The message as it was signed. */
  unsigned: Buffer;
}>;

/**
 * Finds the signature at the end of a message. Null: there is none, or the message is malformed.
 * Names in it must not be compressed (RFC 8945, 4.2).
 */
export function findTsig(message: Buffer): Tsig | null {
  if (message.length < 12 || message.readUInt16BE(10) === 0) return null;
  const start = lastRecord(message);
  if (start === -1) return null;
  const owner = plainName(message, start);
  if (owner === null || owner.end + 10 > message.length) return null;
  if (
    message.readUInt16BE(owner.end) !== RECORD_TYPES.TSIG ||
    message.readUInt16BE(owner.end + 2) !== CLASS_ANY
  )
    return null;
  const data = owner.end + 10;
  if (data + message.readUInt16BE(owner.end + 8) !== message.length) return null;
  const algorithm = plainName(message, data);
  if (algorithm === null || algorithm.end + 10 > message.length) return null;
  let at = algorithm.end;
  const timeSigned = message.readUIntBE(at, 6);
  const fudge = message.readUInt16BE(at + 6);
  const macLength = message.readUInt16BE(at + 8);
  at += 10;
  if (at + macLength + 6 > message.length) return null;
  const mac = message.subarray(at, at + macLength);
  const originalId = message.readUInt16BE(at + macLength);
  const unsigned = Buffer.from(message.subarray(0, start));
  unsigned.writeUInt16BE(originalId, 0);
  unsigned.writeUInt16BE(message.readUInt16BE(10) - 1, 10);
  return { keyName: owner.text, algorithm: algorithm.text, timeSigned, fudge, mac, originalId, unsigned };
}

/** Whether a signature is good: {@link RCODE}.NOERROR, or the error of RFC 8945, 5.2 to name in the answer. */
export function verifyTsig(tsig: Tsig, key: TsigKey | null, now: Date): number {
  if (key === null || tsig.algorithm !== TSIG_ALGORITHM) return RCODE.BADKEY;
  const variables = variablesOf(key.name, tsig.timeSigned, tsig.fudge, 0);
  const mac = createHmac('sha256', key.secret).update(tsig.unsigned).update(variables).digest();
  if (tsig.mac.length !== mac.length || !timingSafeEqual(tsig.mac, mac)) return RCODE.BADSIG;
  if (Math.abs(now.getTime() / 1000 - tsig.timeSigned) > Math.min(tsig.fudge, FUDGE_SECONDS))
    return RCODE.BADTIME;
  return RCODE.NOERROR;
}

/** Signs answers to one signed request, each after the one before (RFC 8945, 5.3). */
export function createTsigSigner(request: Tsig, key: TsigKey, clock: () => Date): (answer: Buffer) => Buffer {
  let before = request.mac;
  let isFirst = true;
  return (answer) => {
    const seconds = Math.floor(clock().getTime() / 1000);
    const timers = Buffer.alloc(8);
    timers.writeUIntBE(seconds, 0, 6);
    timers.writeUInt16BE(FUDGE_SECONDS, 6);
    const mac = createHmac('sha256', key.secret)
      .update(sized(before))
      .update(answer)
      .update(isFirst ? variablesOf(key.name, seconds, FUDGE_SECONDS, 0) : timers)
      .digest();
    before = mac;
    isFirst = false;
    return withTsig(answer, key.name, seconds, mac, 0);
  };
}

/** An answer that names what was wrong with a signature; unsigned, but for a wrong time, which a known key tells. */
export function tsigError(
  answer: Buffer,
  request: Tsig,
  key: TsigKey | null,
  error: number,
  now: Date,
): Buffer {
  if (error !== RCODE.BADTIME || key === null) {
    return withTsig(answer, request.keyName, request.timeSigned, Buffer.alloc(0), error);
  }
  const seconds = Math.floor(now.getTime() / 1000);
  const other = Buffer.alloc(6);
  other.writeUIntBE(seconds, 0, 6);
  const mac = createHmac('sha256', key.secret)
    .update(sized(request.mac))
    .update(answer)
    .update(variablesOf(key.name, request.timeSigned, FUDGE_SECONDS, error, other))
    .digest();
  return withTsig(answer, key.name, request.timeSigned, mac, error, other);
}

function sized(mac: Buffer): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(mac.length);
  return Buffer.concat([length, mac]);
}

/** RFC 8945, 4.3.3: what is signed beside the message. */
function variablesOf(
  keyName: string,
  seconds: number,
  fudge: number,
  error: number,
  other: Buffer = Buffer.alloc(0),
): Buffer {
  const head = Buffer.from([0, CLASS_ANY, 0, 0, 0, 0]);
  const tail = Buffer.alloc(12);
  tail.writeUIntBE(seconds, 0, 6);
  tail.writeUInt16BE(fudge, 6);
  tail.writeUInt16BE(error, 8);
  tail.writeUInt16BE(other.length, 10);
  return Buffer.concat([nameToWire(keyName), head, ALGORITHM_WIRE, tail, other]);
}

function withTsig(
  answer: Buffer,
  keyName: string,
  seconds: number,
  mac: Buffer,
  error: number,
  other: Buffer = Buffer.alloc(0),
): Buffer {
  const owner = nameToWire(keyName);
  const data = Buffer.alloc(ALGORITHM_WIRE.length + 10 + mac.length + 6 + other.length);
  ALGORITHM_WIRE.copy(data);
  let at = ALGORITHM_WIRE.length;
  data.writeUIntBE(seconds, at, 6);
  data.writeUInt16BE(FUDGE_SECONDS, at + 6);
  data.writeUInt16BE(mac.length, at + 8);
  mac.copy(data, at + 10);
  at += 10 + mac.length;
  answer.copy(data, at, 0, 2);
  data.writeUInt16BE(error, at + 2);
  data.writeUInt16BE(other.length, at + 4);
  other.copy(data, at + 6);
  const head = Buffer.alloc(10);
  head.writeUInt16BE(RECORD_TYPES.TSIG, 0);
  head.writeUInt16BE(CLASS_ANY, 2);
  head.writeUInt16BE(data.length, 8);
  const signed = Buffer.concat([answer, owner, head, data]);
  signed.writeUInt16BE(answer.readUInt16BE(10) + 1, 10);
  return signed;
}

/** Where the last record of a message begins; -1: it is malformed. */
function lastRecord(message: Buffer): number {
  let at = 12;
  for (let n = message.readUInt16BE(4); n > 0; n -= 1) {
    at = skipName(message, at);
    if (at === -1) return -1;
    at += 4;
  }
  let start = -1;
  for (let n = message.readUInt16BE(6) + message.readUInt16BE(8) + message.readUInt16BE(10); n > 0; n -= 1) {
    start = at;
    at = skipName(message, at);
    if (at === -1 || at + 10 > message.length) return -1;
    at += 10 + message.readUInt16BE(at + 8);
    if (at > message.length) return -1;
  }
  return start;
}

/** Behind a name that may end in a pointer; -1: it is malformed. */
export function skipName(message: Buffer, start: number): number {
  let at = start;
  for (;;) {
    const length = message[at];
    if (length === undefined) return -1;
    if (length >= 0xc0) return at + 2;
    if (length > 63) return -1;
    at += length + 1;
    if (length === 0) return at;
  }
}

/** A name without pointers. */
export function plainName(message: Buffer, start: number): Readonly<{ text: string; end: number }> | null {
  let at = start;
  for (;;) {
    const length = message[at];
    if (length === undefined || length > 63 || at - start > 254) return null;
    at += length + 1;
    if (length === 0) break;
  }
  if (at > message.length) return null;
  return { text: nameToText(message.subarray(start, at)).toLowerCase(), end: at };
}

import { lowerCase, nameToWire } from '../wire/domain-name.ts';
import { CLASS_ANY, CLASS_IN, RCODE, RECORD_TYPES } from '../wire/record-types.ts';
import type { Cookies } from './cookies.ts';
import type { RateLimit } from './rate-limit.ts';
import { CUT, NO_NODE, type NodeAt, type ServedZone, type ZoneTable } from './zone-table.ts';

/** What is counted of questions and answers, for metrics. */
export type DnsCounts = {
  questions: number;
  noError: number;
  nxDomain: number;
  refused: number;
  malformed: number;
  truncated: number;
  limited: number;
};

/** What {@link Responder} works with. */
export type ResponderOptions = Readonly<{
  table: ZoneTable;
  /** Null: none. */
  rateLimit: RateLimit | null;
  cookies: Cookies;
}>;

/** {@link Responder.respond}: a transfer, an update or a signed question, for those who deal with them. */
export const SPECIAL = -1;

/** How a question came. */
export type Transport = 'udp' | 'tcp';

const HEADER = 12;
const POINTER_TO_QUESTION = 0xc00c;
/** RFC 9715 (DNS flag day 2020): what passes everywhere without being cut in pieces. */
export const LARGEST_UDP = 1232;
const SMALLEST_UDP = 512;
const LARGEST_NAME = 255;
/** A chain of aliases longer than this helps nobody. */
const MOST_ALIASES = 8;
const OPT_LENGTH = 11;
const OPTION_COOKIE = 10;
const SERVER_COOKIE_OPTION = 28;
/** Longer sets are copied natively; for shorter ones the call costs more than the copy. */
const LOOP_COPY = 96;

/** RFC 8482, 4.2: what is answered to ANY. */
const ANY_ANSWER = Buffer.concat([
  Buffer.from([0xc0, 0x0c, 0, RECORD_TYPES.HINFO, 0, CLASS_IN, 0, 0, 0x0e, 0x10, 0, 9, 7]),
  Buffer.from('RFC8482\0', 'latin1'),
]);

/**
 * Answers questions out of a {@link ZoneTable}, in buffers of its own: nothing is allocated for a plain question (9 % of the
 * time per answer is ours, the rest is the system's; docs/performance.md).
 */
export class Responder {
  readonly counts: DnsCounts = {
    questions: 0,
    noError: 0,
    nxDomain: 0,
    refused: 0,
    malformed: 0,
    truncated: 0,
    limited: 0,
  };
  readonly #table: ZoneTable;
  readonly #rateLimit: RateLimit | null;
  readonly #cookies: Cookies;
  /** The name that is being looked up, in lower case. */
  readonly #key = Buffer.alloc(LARGEST_NAME + 1);
  readonly #wildcard = Buffer.alloc(LARGEST_NAME + 3);
  // Of the answer being written.
  #out: Buffer = Buffer.alloc(0);
  #at = 0;
  #limit = 0;
  #full = false;
  #rcode = 0;
  #authoritative = true;
  #answers = 0;
  #authorities = 0;
  #additionals = 0;
  #limitKey = 0;
  // Of the question's OPT record.
  #edns = false;
  #udpSize = SMALLEST_UDP;
  #version = 0;
  #dnssec = false;
  #cookieAt = -1;
  #cookieLength = 0;
  #signed = false;

  constructor({ table, rateLimit, cookies }: ResponderOptions) {
    this.#table = table;
    this.#rateLimit = rateLimit;
    this.#cookies = cookies;
  }

  /**
   * Writes the answer to a question into `out` and returns its length; 0: nothing is to be sent; {@link SPECIAL}: it is no
   * question for here. It never throws, whatever the question is.
   *
   * @param out at least 65,535 octets for TCP, {@link LARGEST_UDP} for UDP
   */
  respond(query: Buffer, out: Buffer, transport: Transport, address: string): number {
    const length = query.length;
    if (length < HEADER || ((query[2] ?? 0) & 0x80) !== 0) return 0; // an answer to an answer would never end
    this.counts.questions += 1;
    this.#out = out;
    const opcode = ((query[2] ?? 0) >> 3) & 15;
    if (opcode !== 0) return this.#error(query, RCODE.NOTIMP);
    // One question; answers have no place in one.
    if (query[4] !== 0 || query[5] !== 1 || query[6] !== 0 || query[7] !== 0) return this.#malformed(query);
    const end = this.#readName(query, length);
    if (end === -1 || end + 4 > length) return this.#malformed(query);
    const type = ((query[end] ?? 0) << 8) + (query[end + 1] ?? 0);
    const questionClass = ((query[end + 2] ?? 0) << 8) + (query[end + 3] ?? 0);
    for (let n = HEADER; n < end + 4; n += 1) out[n] = query[n] ?? 0;
    this.#at = end + 4;
    if (!this.#readRest(query, end + 4, length)) return this.#malformed(query);
    if (this.#signed || type === RECORD_TYPES.AXFR || type === RECORD_TYPES.IXFR) return SPECIAL;
    const mostUdp = Math.max(SMALLEST_UDP, Math.min(this.#udpSize, LARGEST_UDP));
    this.#limit =
      (transport === 'udp' ? mostUdp : 65_535) - (this.#edns ? OPT_LENGTH + SERVER_COOKIE_OPTION : 0);
    this.#full = false;
    this.#rcode = RCODE.NOERROR;
    this.#authoritative = true;
    this.#answers = 0;
    this.#authorities = 0;
    this.#additionals = 0;
    this.#limitKey = 0;
    if (this.#edns && this.#version > 0) {
      this.#authoritative = false;
      return this.#finish(query, RCODE.BADVERS, address);
    }
    if (questionClass !== CLASS_IN && questionClass !== CLASS_ANY) this.#refuse();
    else this.#resolve(type, end - HEADER);
    let cut = this.#full;
    if (transport === 'udp' && this.#rateLimit !== null && !this.#hasValidCookie(query, address)) {
      const verdict = this.#rateLimit.judge(address, this.#limitKey);
      if (verdict !== 'answer') this.counts.limited += 1;
      if (verdict === 'drop') return 0;
      if (verdict === 'truncate') cut = true;
    }
    if (cut) {
      this.counts.truncated += 1;
      this.#at = end + 4;
      this.#answers = 0;
      this.#authorities = 0;
      this.#additionals = 0;
    }
    return this.#finish(query, this.#rcode, address, cut);
  }

  /** An answer that consists of a code alone, for a message that others deal with. */
  refuse(query: Buffer, out: Buffer, rcode: number): number {
    this.#out = out;
    return this.#error(query, rcode);
  }

  /** Reads the name of the question into the key; its end, or -1. A pointer has nothing to point to yet. */
  #readName(query: Buffer, length: number): number {
    let at = HEADER;
    const key = this.#key;
    for (;;) {
      const label = query[at] ?? 0;
      if (at >= length || label > 63) return -1;
      key[at - HEADER] = label;
      if (label === 0) return at + 1;
      if (at + label + 1 - HEADER >= LARGEST_NAME) return -1;
      for (let n = at + 1; n <= at + label; n += 1) key[n - HEADER] = lowerCase(query[n] ?? 0);
      at += label + 1;
    }
  }

  /** Reads what follows the question: an OPT record (RFC 6891), or nothing. False: it is malformed. */
  #readRest(query: Buffer, start: number, length: number): boolean {
    this.#edns = false;
    this.#udpSize = SMALLEST_UDP;
    this.#version = 0;
    this.#dnssec = false;
    this.#cookieAt = -1;
    this.#signed = false;
    const authorities = ((query[8] ?? 0) << 8) + (query[9] ?? 0);
    let records = authorities + ((query[10] ?? 0) << 8) + (query[11] ?? 0);
    let at = start;
    for (; records > 0; records -= 1) {
      const owner = at;
      // Names here may be compressed: a pointer ends one.
      for (;;) {
        if (at >= length) return false;
        const label = query[at] ?? 0;
        if (label >= 0xc0) {
          at += 2;
          break;
        }
        if (label > 63) return false;
        at += label + 1;
        if (label === 0) break;
      }
      if (at + 10 > length) return false;
      const type = ((query[at] ?? 0) << 8) + (query[at + 1] ?? 0);
      const dataLength = ((query[at + 8] ?? 0) << 8) + (query[at + 9] ?? 0);
      const data = at + 10;
      if (data + dataLength > length) return false;
      if (type === RECORD_TYPES.TSIG) this.#signed = true;
      if (type === RECORD_TYPES.OPT) {
        if (this.#edns || at !== owner + 1) return false;
        this.#edns = true;
        this.#udpSize = ((query[at + 2] ?? 0) << 8) + (query[at + 3] ?? 0);
        this.#version = query[at + 5] ?? 0;
        this.#dnssec = ((query[at + 6] ?? 0) & 0x80) !== 0;
        if (dataLength > 0 && !this.#readOptions(query, data, data + dataLength)) return false;
      }
      at = data + dataLength;
    }
    return at === length;
  }

  #readOptions(query: Buffer, start: number, end: number): boolean {
    let at = start;
    while (at < end) {
      if (at + 4 > end) return false;
      const code = ((query[at] ?? 0) << 8) + (query[at + 1] ?? 0);
      const length = ((query[at + 2] ?? 0) << 8) + (query[at + 3] ?? 0);
      if (at + 4 + length > end) return false;
      if (code === OPTION_COOKIE && this.#cookieAt === -1) {
        // RFC 7873, 5.2.2
        if (length !== 8 && (length < 16 || length > 40)) return false;
        this.#cookieAt = at + 4;
        this.#cookieLength = length;
      }
      at += 4 + length;
    }
    return true;
  }

  /** Looks the key up and writes the answer's sections. */
  #resolve(type: number, nameLength: number): void {
    const table = this.#table;
    let ownerAt = HEADER;
    let keyLength = nameLength;
    for (let hop = 0; ; hop += 1) {
      const hash = table.hash(this.#key, 0);
      let node = table.find(this.#key, 0, hash);
      if (hop === 0) this.#limitKey = hash ^ type;
      let start = 0;
      let nearest = node;
      while (nearest === NO_NODE) {
        const label = this.#key[start] ?? 0;
        if (label === 0) break;
        start += label + 1;
        nearest = table.find(this.#key, start, table.hash(this.#key, start));
      }
      // The set of delegation signers belongs to the zone above (RFC 4035, 3.1.4.1).
      if (nearest !== NO_NODE && type === RECORD_TYPES.DS && start === 0) {
        const parent = this.#parentOf(nearest);
        if (parent !== null) {
          this.#writeSoa(parent, ownerAt, keyLength);
          return;
        }
      }
      const zone = nearest === NO_NODE ? undefined : table.zoneOf(nearest);
      if (zone === undefined) {
        if (hop === 0) this.#refuse();
        return; // an alias for a name of others: whoever asked goes on there
      }
      if (table.hasCuts(nearest) && this.#refer(type, start, zone, ownerAt, keyLength, hop)) return;
      if (node === NO_NODE) {
        node = this.#findWildcard(start);
        if (node === NO_NODE) {
          this.#rcode = RCODE.NXDOMAIN;
          this.#limitKey = table.hash(zone.apex, 0);
          this.#writeSoa(zone, ownerAt, keyLength);
          return;
        }
      }
      if (type === RECORD_TYPES.SOA && keyLength === zone.apex.length) {
        this.#writeSoa(zone, ownerAt, keyLength, true);
        return;
      }
      const set = table.findSet(node, type);
      if (set !== -1) {
        this.#writeSet(set, ownerAt);
        return;
      }
      const alias = table.findSet(node, RECORD_TYPES.CNAME);
      if (type === RECORD_TYPES.ANY && table.types(node).length > 0) {
        if (ownerAt === HEADER) this.#writeBytes(ANY_ANSWER);
        this.#answers += 1;
        return;
      }
      if (alias === -1) {
        this.#writeSoa(zone, ownerAt, keyLength);
        return;
      }
      const aliasAt = this.#at;
      this.#writeSet(alias, ownerAt);
      if (this.#full || hop === MOST_ALIASES) return;
      // The target stands in the answer, uncompressed and in lower case: the next name to look up.
      ownerAt = aliasAt + 12;
      keyLength = this.#at - ownerAt;
      this.#out.copy(this.#key, 0, ownerAt, this.#at);
    }
  }

  /** The zone above one of ours that is ours as well, for the apex of the lower one. */
  #parentOf(apex: NodeAt): ServedZone | null {
    const zone = this.#table.zoneOf(apex);
    if (zone === undefined || this.#key.compare(zone.apex, 0, zone.apex.length, 0, zone.apex.length) !== 0)
      return null;
    let start = 0;
    for (;;) {
      const label = this.#key[start] ?? 0;
      if (label === 0) return null;
      start += label + 1;
      const above = this.#table.find(this.#key, start, this.#table.hash(this.#key, start));
      if (above !== NO_NODE) return this.#table.zoneOf(above) ?? null;
    }
  }

  /** Refers to the name servers of the zone that was cut off above or at the name; false where none was. */
  #refer(
    type: number,
    start: number,
    zone: ServedZone,
    ownerAt: number,
    keyLength: number,
    hop: number,
  ): boolean {
    const table = this.#table;
    let cut: NodeAt = NO_NODE;
    let cutAt = 0;
    for (let at = start; keyLength - at > zone.apex.length; at += (this.#key[at] ?? 0) + 1) {
      const node = table.find(this.#key, at, table.hash(this.#key, at));
      if (node === NO_NODE || (table.flags(node) & CUT) === 0) continue;
      if (at === 0 && type === RECORD_TYPES.DS) continue;
      cut = node;
      cutAt = at;
    }
    if (cut === NO_NODE) return false;
    if (hop === 0) this.#authoritative = false;
    const servers = table.findSet(cut, RECORD_TYPES.NS);
    const before = this.#at;
    this.#writeSet(servers, ownerAt + cutAt);
    const count = table.setCount(servers);
    this.#answers -= count;
    this.#authorities += count;
    this.#writeGlue(before, count);
    return true;
  }

  /** Addresses of the name servers just written, where we know them and there is room (RFC 1034, 4.3.2). */
  #writeGlue(start: number, count: number): void {
    let at = start;
    for (let n = 0; n < count && !this.#full; n += 1) {
      const target = at + 12;
      const length = ((this.#out[at + 10] ?? 0) << 8) + (this.#out[at + 11] ?? 0);
      const node = this.#table.find(this.#out, target, this.#table.hash(this.#out, target));
      for (const type of [RECORD_TYPES.A, RECORD_TYPES.AAAA]) {
        const set = node === NO_NODE ? -1 : this.#table.findSet(node, type);
        if (set === -1) continue;
        const answers = this.#answers;
        this.#writeSet(set, target);
        this.#additionals += this.#answers - answers;
        this.#answers = answers;
      }
      at = target + length;
    }
  }

  /** The node `*.` below the nearest name that exists (RFC 4592, 3.3.1). */
  #findWildcard(start: number): NodeAt {
    this.#wildcard[0] = 1;
    this.#wildcard[1] = 42;
    this.#key.copy(this.#wildcard, 2, start);
    return this.#table.find(this.#wildcard, 0, this.#table.hash(this.#wildcard, 0));
  }

  #writeSet(place: number, ownerAt: number): void {
    const length = this.#table.setLength(place);
    const from = place + 8;
    const start = this.#at;
    if (start + length > this.#limit) {
      this.#full = true;
      return;
    }
    const { arena } = this.#table;
    const out = this.#out;
    if (length > LOOP_COPY) arena.copy(out, start, from, from + length);
    else for (let n = 0; n < length; n += 1) out[start + n] = arena[from + n] ?? 0;
    this.#at = start + length;
    const count = this.#table.setCount(place);
    this.#answers += count;
    if (ownerAt === HEADER) return;
    for (let at = start, n = 0; n < count; n += 1) {
      out.writeUInt16BE(0xc000 | (ownerAt & 0x3fff), at);
      at += 12 + out.readUInt16BE(at + 10);
    }
  }

  /** The zone's SOA: in the authority section for what is not there (RFC 2308, 3), else as the answer. */
  #writeSoa(zone: ServedZone, ownerAt: number, keyLength: number, asAnswer = false): void {
    if (this.#at + 2 + zone.soa.length > this.#limit) {
      this.#full = true;
      return;
    }
    const pointer = ownerAt + keyLength - zone.apex.length;
    this.#out.writeUInt16BE(0xc000 | pointer, this.#at);
    this.#at += 2;
    this.#writeBytes(zone.soa);
    if (asAnswer) this.#answers += 1;
    else this.#authorities += 1;
  }

  #writeBytes(bytes: Buffer): void {
    if (this.#at + bytes.length > this.#limit) {
      this.#full = true;
      return;
    }
    bytes.copy(this.#out, this.#at);
    this.#at += bytes.length;
  }

  #refuse(): void {
    this.#rcode = RCODE.REFUSED;
    this.#authoritative = false;
    this.counts.refused += 1;
  }

  #hasValidCookie(query: Buffer, address: string): boolean {
    if (this.#cookieAt === -1 || this.#cookieLength !== 24) return false;
    return this.#cookies.isValid(query.subarray(this.#cookieAt, this.#cookieAt + 24), address);
  }

  /** Writes OPT and header; the length of all. */
  #finish(query: Buffer, rcode: number, address: string, truncated = false): number {
    const out = this.#out;
    if (this.#edns) {
      this.#writeOpt(query, rcode, address);
      this.#additionals += 1;
    }
    if (rcode === RCODE.NOERROR) this.counts.noError += 1;
    else if (rcode === RCODE.NXDOMAIN) this.counts.nxDomain += 1;
    out[0] = query[0] ?? 0;
    out[1] = query[1] ?? 0;
    // QR, opcode, AA, TC, RD as asked.
    out[2] = 0x80 | (this.#authoritative ? 4 : 0) | (truncated ? 2 : 0) | ((query[2] ?? 0) & 1);
    out[3] = ((query[3] ?? 0) & 0x10) | (rcode & 15); // checking disabled as asked
    out[4] = 0;
    out[5] = 1;
    out[6] = this.#answers >> 8;
    out[7] = this.#answers;
    out[8] = this.#authorities >> 8;
    out[9] = this.#authorities;
    out[10] = this.#additionals >> 8;
    out[11] = this.#additionals;
    return this.#at;
  }

  #writeOpt(query: Buffer, rcode: number, address: string): void {
    const out = this.#out;
    let at = this.#at;
    out[at] = 0;
    out[at + 1] = 0;
    out[at + 2] = RECORD_TYPES.OPT;
    out[at + 3] = LARGEST_UDP >> 8;
    out[at + 4] = LARGEST_UDP & 255;
    out[at + 5] = rcode >> 4;
    out[at + 6] = 0;
    out[at + 7] = this.#dnssec ? 0x80 : 0;
    out[at + 8] = 0;
    out[at + 9] = 0;
    out[at + 10] = 0;
    at += OPT_LENGTH;
    if (this.#cookieAt !== -1) {
      out[at - 1] = SERVER_COOKIE_OPTION;
      out.writeUInt16BE(OPTION_COOKIE, at);
      out.writeUInt16BE(24, at + 2);
      this.#cookies.write(query.subarray(this.#cookieAt, this.#cookieAt + 8), address, out, at + 4);
      at += SERVER_COOKIE_OPTION;
    }
    this.#at = at;
  }

  #malformed(query: Buffer): number {
    this.counts.malformed += 1;
    return this.#error(query, RCODE.FORMERR);
  }

  /** A header alone: of what could not be read nothing is repeated. */
  #error(query: Buffer, rcode: number): number {
    const out = this.#out;
    if (query.length < HEADER) return 0;
    query.copy(out, 0, 0, 2);
    out[2] = 0x80 | ((query[2] ?? 0) & 0x79); // QR, opcode and RD
    out[3] = rcode & 15;
    out.fill(0, 4, HEADER);
    return HEADER;
  }
}

/** A record as it stands in an answer whose question has its owner. */
export function recordBytes(type: number, ttlSeconds: number, data: Uint8Array): Buffer {
  const head = Buffer.alloc(12);
  head.writeUInt16BE(POINTER_TO_QUESTION, 0);
  head.writeUInt16BE(type, 2);
  head.writeUInt16BE(CLASS_IN, 4);
  head.writeUInt32BE(ttlSeconds, 6);
  head.writeUInt16BE(data.length, 10);
  return Buffer.concat([head, data]);
}

/** What makes an SOA record. */
export type SoaFacts = Readonly<{ primary: string; contact: string; serial: number; ttlSeconds: number }>;

/** A secondary that was not told of a change looks for itself after this. */
const REFRESH_SECONDS = 3600;
const RETRY_SECONDS = 600;
/** Two weeks without us before a secondary stops to answer. */
const EXPIRE_SECONDS = 1_209_600;

/** A mail address as a name (RFC 1035, 8): what stands before the @ is one label. */
export function mailboxOf(contact: string): string {
  const at = contact.lastIndexOf('@');
  return `${contact.slice(0, at).replaceAll('.', '\\.')}.${contact.slice(at + 1)}`;
}

/** The data of a zone's SOA record (RFC 1035, 3.3.13). */
export function soaData({ primary, contact, serial, ttlSeconds }: SoaFacts): Buffer {
  const numbers = Buffer.alloc(20);
  [serial, REFRESH_SECONDS, RETRY_SECONDS, EXPIRE_SECONDS, ttlSeconds].forEach((number, n) => {
    numbers.writeUInt32BE(number >>> 0, n * 4);
  });
  return Buffer.concat([nameToWire(primary), nameToWire(mailboxOf(contact)), numbers]);
}

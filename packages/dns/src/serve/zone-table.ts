import { lowerCase } from '../wire/domain-name.ts';

/** A zone as the server answers for it. */
export type ServedZone = Readonly<{
  id: string;
  /** On the wire, lower case. */
  apex: Buffer;
  /** Text without a dot at the end. */
  name: string;
  serial: number;
  /** The SOA record behind its owner: type, class, TTL, length and data. */
  soa: Buffer;
}>;

/** Place of a node in the arena; -1: none. */
export type NodeAt = number;
export const NO_NODE: NodeAt = -1;

// A node in the arena: zone u32, children u32, flags u8, length of the name u8, the name, number of sets u8, and the sets, each:
// type u16, records u16, octets u32, and the records as they stand in an answer whose question has their owner at octet 12.
const ZONE = 0;
const CHILDREN = 4;
const FLAGS = 8;
const NAME_LENGTH = 9;
const NAME = 10;
const SET_HEAD = 8;

export const APEX = 1;
/** Name servers of another zone stand here: nothing below is ours. */
export const CUT = 2;
export const HAS_CNAME = 4;

/** A set of records: its type, their number, and the octets of all, each beginning with a pointer to octet 12. */
export type RecordSet = Readonly<{ type: number; count: number; bytes: Buffer }>;

const FIRST_SLOTS = 1024;
const FIRST_ARENA = 64 * 1024;
const EMPTY = 0;
const TOMBSTONE = -1;

/**
 * All names of all zones, by name, in two typed arrays: no object, no string and nothing for the garbage collector per name
 * (measured against a Map of strings: 1.15 times the answers, docs/performance.md). A changed node is written anew at the
 * arena's end; the arena is packed when half of it is waste.
 */
export class ZoneTable {
  #slots = new Int32Array(FIRST_SLOTS);
  #hashes = new Int32Array(FIRST_SLOTS);
  #arena = Buffer.alloc(FIRST_ARENA);
  #end = 0;
  #waste = 0;
  #used = 0; // slots with a node or a tombstone
  #nodes = 0;
  readonly #seed: number;
  readonly #zones: (ServedZone | undefined)[] = [];
  readonly #cuts: number[] = [];
  readonly #zoneNumbers = new Map<string, number>();

  /** @param seed makes places in the table unpredictable to whoever chooses names */
  constructor(seed: number) {
    this.#seed = seed | 0;
  }

  get arena(): Buffer {
    return this.#arena;
  }

  get size(): number {
    return this.#nodes;
  }

  zones(): readonly ServedZone[] {
    return this.#zones.filter((zone) => zone !== undefined);
  }

  zoneById(id: string): ServedZone | undefined {
    const number = this.#zoneNumbers.get(id);
    return number === undefined ? undefined : this.#zones[number];
  }

  /** Puts a zone in, or changes its SOA. Its names are to be put in afterwards. */
  putZone(zone: ServedZone): void {
    const known = this.#zoneNumbers.get(zone.id);
    if (known !== undefined) {
      this.#zones[known] = zone;
      return;
    }
    const number = this.#zones.length;
    this.#zoneNumbers.set(zone.id, number);
    this.#zones.push(zone);
    this.#cuts.push(0);
    this.#write(zone.apex, 0, number, APEX, []);
  }

  /** Takes a zone out with all its names. */
  removeZone(id: string): void {
    const number = this.#zoneNumbers.get(id);
    if (number === undefined) return;
    this.#zoneNumbers.delete(id);
    this.#zones[number] = undefined;
    for (let slot = 0; slot < this.#slots.length; slot += 1) {
      const place = this.#slots[slot] ?? EMPTY;
      if (place <= 0 || this.#arena.readUInt32BE(place - 1 + ZONE) !== number) continue;
      this.#drop(slot, place - 1);
    }
  }

  /** Gives a name of a zone these records; with none, it is gone, unless names below it stay. */
  putName(zoneId: string, name: Buffer, sets: readonly RecordSet[]): void {
    const number = this.#zoneNumbers.get(zoneId);
    const zone = number === undefined ? undefined : this.#zones[number];
    if (number === undefined || zone === undefined) return;
    const at = this.find(name, 0, this.hash(name, 0));
    if (at !== NO_NODE && this.#zoneNumber(at) !== number) {
      // The apex of a zone below, which is ours as well: it answers for itself; what is above it exists.
      const above = (name[0] ?? 0) + 1;
      if (this.find(name, above, this.hash(name, above)) === NO_NODE)
        this.#addAncestors(name, number, zone.apex.length);
      return;
    }
    const children = at === NO_NODE ? 0 : this.#arena.readUInt32BE(at + CHILDREN);
    const isApex = name.length === zone.apex.length;
    const flags =
      (isApex ? APEX : 0) |
      (!isApex && sets.some(({ type }) => type === 2) ? CUT : 0) |
      (sets.some(({ type }) => type === 5) ? HAS_CNAME : 0);
    const wasCut = at !== NO_NODE && (this.flags(at) & CUT) !== 0;
    this.#cuts[number] = (this.#cuts[number] ?? 0) + (flags & CUT ? 1 : 0) - (wasCut ? 1 : 0);
    if (sets.length === 0 && children === 0 && !isApex) {
      if (at !== NO_NODE) this.#removeLeaf(name, 0, number, zone.apex.length);
      return;
    }
    this.#write(name, children, number, flags, sets);
    if (at === NO_NODE) this.#addAncestors(name, number, zone.apex.length);
  }

  /** The node of a name, or {@link NO_NODE}. `hash` is that of {@link hash}. */
  find(name: Uint8Array, start: number, hash: number): NodeAt {
    const mask = this.#slots.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const place = this.#slots[slot] ?? EMPTY;
      if (place === EMPTY) return NO_NODE;
      if (place > 0 && this.#hashes[slot] === hash && this.#isNamed(place - 1, name, start)) return place - 1;
    }
  }

  /** FNV-1a over the octets of a name in lower case, up to and with its end. */
  hash(name: Uint8Array, start: number): number {
    let hash = this.#seed;
    let at = start;
    for (;;) {
      const length = name[at] ?? 0;
      for (let n = 0; n <= length; n += 1) hash = Math.imul(hash ^ (name[at + n] ?? 0), 16777619);
      if (length === 0) return hash ^ (hash >>> 15);
      at += length + 1;
    }
  }

  zoneOf(at: NodeAt): ServedZone | undefined {
    return this.#zones[this.#zoneNumber(at)];
  }

  flags(at: NodeAt): number {
    return this.#arena[at + FLAGS] ?? 0;
  }

  /** Whether any name of the node's zone is a cut. */
  hasCuts(at: NodeAt): boolean {
    return (this.#cuts[this.#zoneNumber(at)] ?? 0) > 0;
  }

  /** Where a node's set of a type begins in the arena, at its head; -1: none. */
  findSet(at: NodeAt, type: number): number {
    let place = at + NAME + (this.#arena[at + NAME_LENGTH] ?? 0);
    let sets = this.#arena[place] ?? 0;
    place += 1;
    for (; sets > 0; sets -= 1) {
      if (((this.#arena[place] ?? 0) << 8) + (this.#arena[place + 1] ?? 0) === type) return place;
      place += SET_HEAD + this.#arena.readUInt32BE(place + 4);
    }
    return -1;
  }

  /** Number of records of a set. */
  setCount(place: number): number {
    return ((this.#arena[place + 2] ?? 0) << 8) + (this.#arena[place + 3] ?? 0);
  }

  /** Octets of a set's records, which begin at `place + 8`. */
  setLength(place: number): number {
    return this.#arena.readUInt32BE(place + 4);
  }

  /** Types at a node. */
  types(at: NodeAt): readonly number[] {
    const types: number[] = [];
    let place = at + NAME + (this.#arena[at + NAME_LENGTH] ?? 0);
    const sets = this.#arena[place] ?? 0;
    place += 1;
    for (let n = 0; n < sets; n += 1) {
      types.push(this.#arena.readUInt16BE(place));
      place += SET_HEAD + this.#arena.readUInt32BE(place + 4);
    }
    return types;
  }

  #zoneNumber(at: NodeAt): number {
    return this.#arena.readUInt32BE(at + ZONE);
  }

  #isNamed(at: NodeAt, name: Uint8Array, start: number): boolean {
    const length = this.#arena[at + NAME_LENGTH] ?? 0;
    const from = at + NAME;
    for (let n = 0; n < length; n += 1) if (this.#arena[from + n] !== name[start + n]) return false;
    return true;
  }

  /** Names between a new one and its zone exist, if only as places (RFC 4592, 2.2.2). */
  #addAncestors(name: Buffer, number: number, apexLength: number): void {
    let start = 0;
    while (name.length - start > apexLength) {
      start += (name[start] ?? 0) + 1;
      const at = this.find(name, start, this.hash(name, start));
      if (at !== NO_NODE) {
        this.#arena.writeUInt32BE(this.#arena.readUInt32BE(at + CHILDREN) + 1, at + CHILDREN);
        return;
      }
      this.#write(name.subarray(start), 1, number, 0, []);
    }
  }

  #removeLeaf(name: Buffer, start: number, number: number, apexLength: number): void {
    const slot = this.#slotOf(name, start);
    if (slot === -1) return;
    this.#drop(slot, (this.#slots[slot] ?? 0) - 1);
    const above = start + (name[start] ?? 0) + 1;
    const at = this.find(name, above, this.hash(name, above));
    if (at === NO_NODE || this.#zoneNumber(at) !== number) return;
    const children = Math.max(0, this.#arena.readUInt32BE(at + CHILDREN) - 1);
    this.#arena.writeUInt32BE(children, at + CHILDREN);
    const isPlace = this.#arena[at + NAME + (this.#arena[at + NAME_LENGTH] ?? 0)] === 0;
    if (children === 0 && isPlace && name.length - above > apexLength)
      this.#removeLeaf(name, above, number, apexLength);
  }

  #slotOf(name: Uint8Array, start: number): number {
    const hash = this.hash(name, start);
    const mask = this.#slots.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const place = this.#slots[slot] ?? EMPTY;
      if (place === EMPTY) return -1;
      if (place > 0 && this.#hashes[slot] === hash && this.#isNamed(place - 1, name, start)) return slot;
    }
  }

  #drop(slot: number, at: NodeAt): void {
    this.#waste += this.#nodeLength(at);
    this.#slots[slot] = TOMBSTONE;
    this.#nodes -= 1;
  }

  #nodeLength(at: NodeAt): number {
    let place = at + NAME + (this.#arena[at + NAME_LENGTH] ?? 0);
    const sets = this.#arena[place] ?? 0;
    place += 1;
    for (let n = 0; n < sets; n += 1) place += SET_HEAD + this.#arena.readUInt32BE(place + 4);
    return place - at;
  }

  #write(name: Buffer, children: number, zone: number, flags: number, sets: readonly RecordSet[]): void {
    const length = NAME + name.length + 1 + sets.reduce((sum, { bytes }) => sum + SET_HEAD + bytes.length, 0);
    this.#makeRoom(length);
    const at = this.#end;
    this.#arena.writeUInt32BE(zone, at + ZONE);
    this.#arena.writeUInt32BE(children, at + CHILDREN);
    this.#arena[at + FLAGS] = flags;
    this.#arena[at + NAME_LENGTH] = name.length;
    for (let n = 0; n < name.length; n += 1) this.#arena[at + NAME + n] = lowerOf(name, n);
    let place = at + NAME + name.length;
    this.#arena[place] = sets.length;
    place += 1;
    for (const { type, count, bytes } of sets) {
      this.#arena.writeUInt16BE(type, place);
      this.#arena.writeUInt16BE(count, place + 2);
      this.#arena.writeUInt32BE(bytes.length, place + 4);
      bytes.copy(this.#arena, place + SET_HEAD);
      place += SET_HEAD + bytes.length;
    }
    this.#end = place;
    this.#place(at);
  }

  /** Lets the node's slot point to it. */
  #place(at: NodeAt): void {
    const slot = this.#slotOf(this.#arena, at + NAME);
    if (slot !== -1) {
      this.#waste += this.#nodeLength((this.#slots[slot] ?? 0) - 1);
      this.#slots[slot] = at + 1;
      return;
    }
    this.#nodes += 1;
    if ((this.#used + 1) * 2 > this.#slots.length) this.#rehash();
    this.#insert(at);
  }

  #insert(at: NodeAt): void {
    const hash = this.hash(this.#arena, at + NAME);
    const mask = this.#slots.length - 1;
    let slot = hash & mask;
    while ((this.#slots[slot] ?? EMPTY) > 0) slot = (slot + 1) & mask;
    if (this.#slots[slot] === EMPTY) this.#used += 1;
    this.#slots[slot] = at + 1;
    this.#hashes[slot] = hash;
  }

  /** A table with room for twice its names, without tombstones. */
  #rehash(): void {
    const old = this.#slots;
    let size = FIRST_SLOTS;
    while (size < this.#nodes * 4) size *= 2;
    this.#slots = new Int32Array(size);
    this.#hashes = new Int32Array(size);
    this.#used = 0;
    for (const place of old) if (place > 0) this.#insert(place - 1);
  }

  #makeRoom(length: number): void {
    if (this.#end + length <= this.#arena.length) return;
    const live = this.#end - this.#waste;
    const wanted = Math.max(FIRST_ARENA, this.#arena.length);
    const arena = Buffer.alloc(
      this.#waste > live && live + length < wanted ? wanted : Math.ceil((live + length) * 1.5),
    );
    let end = 0;
    for (let slot = 0; slot < this.#slots.length; slot += 1) {
      const place = this.#slots[slot] ?? EMPTY;
      if (place <= 0) continue;
      const size = this.#nodeLength(place - 1);
      this.#arena.copy(arena, end, place - 1, place - 1 + size);
      this.#slots[slot] = end + 1;
      end += size;
    }
    this.#arena = arena;
    this.#end = end;
    this.#waste = 0;
  }
}

function lowerOf(name: Buffer, at: number): number {
  return lowerCase(name[at] ?? 0);
}

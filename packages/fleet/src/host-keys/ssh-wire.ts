/** One string of RFC 4251 §5: its length in four bytes, and its bytes. */
export function sshString(value: string | Uint8Array): Buffer {
  const bytes = Buffer.from(value);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

/** A positive number as an mpint of RFC 4251 §5, from its big-endian bytes. */
export function sshNumber(value: Uint8Array): Buffer {
  const bytes = Buffer.from(value);
  const first = bytes.findIndex((byte) => byte !== 0);
  const short = first === -1 ? Buffer.alloc(0) : bytes.subarray(first);
  return sshString((short[0] ?? 0) > 0x7f ? Buffer.concat([Buffer.alloc(1), short]) : short);
}

/** Reads what the functions above write. */
export type SshReader = Readonly<{
  uint32(): number;
  string(): Buffer;
  text(): string;
  /** The bytes of a positive mpint, without leading zeros. */
  number(): Buffer;
  rest(): Buffer;
}>;

/** The text ends within what is read, or is no such thing. */
export class BrokenSshData extends Error {
  override readonly name = 'BrokenSshData';
}

/** Reads from the start of `data`. Its functions throw {@link BrokenSshData}. */
export function sshReader(data: Buffer): SshReader {
  let at = 0;
  const take = (count: number): Buffer => {
    if (at + count > data.length) throw new BrokenSshData('it ends too early');
    at += count;
    return data.subarray(at - count, at);
  };
  const uint32 = (): number => take(4).readUInt32BE(0);
  const string = (): Buffer => take(uint32());
  return {
    uint32,
    string,
    text: () => string().toString('latin1'),
    number: () => {
      const bytes = string();
      const first = bytes.findIndex((byte) => byte !== 0);
      return first === -1 ? Buffer.alloc(0) : bytes.subarray(first);
    },
    rest: () => data.subarray(at),
  };
}

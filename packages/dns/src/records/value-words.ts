/** A record's data: as it goes over the wire, and as people read it. */
export type RecordData = Readonly<{ rdata: Buffer; value: string }>;

/** What cannot be read as data of a type; the message says what to write. */
export class BadValue extends Error {
  override readonly name = 'BadValue';
}

/** A word of a value: its text, and its octets where escapes stand for one. */
export type Word = Readonly<{ text: string; octets: Buffer }>;

/** Splits at spaces; what is in double quotes is one word, `\"` and `\DDD` stand for an octet. @throws BadValue */
export function splitWords(text: string): readonly Word[] {
  const words: Word[] = [];
  const bytes = Buffer.from(text, 'utf8');
  let octets: number[] | null = null;
  let start = 0;
  let inQuotes = false;
  const close = (end: number) => {
    if (octets !== null)
      words.push({ text: bytes.toString('utf8', start, end), octets: Buffer.from(octets) });
    octets = null;
  };
  for (let at = 0; at < bytes.length; at += 1) {
    const octet = bytes[at] ?? 0;
    if (octet < 32 && octet !== 9) throw new BadValue('it has control characters; write them as \\DDD');
    if (!inQuotes && (octet === 32 || octet === 9)) {
      close(at);
      continue;
    }
    if (octets === null) {
      octets = [];
      start = at;
    }
    if (octet === 34) {
      inQuotes = !inQuotes;
    } else if (octet === 92) {
      const digits = /^\d{3}/.exec(bytes.toString('latin1', at + 1, at + 4))?.[0];
      if (digits !== undefined && Number(digits) > 255) throw new BadValue('it has an escape above \\255');
      if (at + 1 >= bytes.length) throw new BadValue('it ends with a backslash');
      octets.push(digits === undefined ? (bytes[at + 1] ?? 0) : Number(digits));
      at += digits === undefined ? 1 : 3;
    } else {
      octets.push(octet);
    }
  }
  if (inQuotes) throw new BadValue('a double quote is not closed');
  close(bytes.length);
  return words;
}

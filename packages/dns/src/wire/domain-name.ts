/** A text that is no domain name; the message says what is wrong with it. */
export class BadName extends Error {
  override readonly name = 'BadName';
}

const MAX_LABEL = 63;
const MAX_NAME = 255;

/**
 * A name as it goes over the wire, in lower case, from text with or without a dot at its end (RFC 1035, 3.1 and 5.1:
 * `\.` and `\DDD` stand for one octet).
 *
 * @throws BadName
 */
export function nameToWire(text: string): Buffer {
  if (text === '' || text === '.') return Buffer.from([0]);
  const labels: number[][] = [[]];
  let current: number[] = labels[0] ?? [];
  for (let at = 0; at < text.length; at += 1) {
    const char = text.charAt(at);
    if (char === '\\') {
      const digits = /^\d{3}/.exec(text.slice(at + 1))?.[0];
      if (digits !== undefined && Number(digits) > 255)
        throw new BadName(`"${text}" has an escape above 255`);
      if (at + 1 >= text.length) throw new BadName(`"${text}" ends with a backslash`);
      current.push(digits === undefined ? text.charCodeAt(at + 1) : Number(digits));
      at += digits === undefined ? 1 : 3;
    } else if (char === '.') {
      if (at === text.length - 1) break;
      current = [];
      labels.push(current);
    } else {
      current.push(text.charCodeAt(at));
    }
  }
  const wire: number[] = [];
  for (const label of labels) {
    if (label.length === 0) throw new BadName(`"${text}" has an empty label`);
    if (label.length > MAX_LABEL)
      throw new BadName(`"${text}" has a label of more than ${MAX_LABEL} characters`);
    if (label.some((octet) => octet > 255))
      throw new BadName(`"${text}" has characters outside of ASCII; write it in Punycode`);
    wire.push(label.length, ...label.map(lowerCase));
  }
  wire.push(0);
  if (wire.length > MAX_NAME) throw new BadName(`"${text.slice(0, 80)}…" is longer than ${MAX_NAME} octets`);
  return Buffer.from(wire);
}

/** Whether a text can go over the wire as a name. */
export function isSendable(text: string): boolean {
  try {
    nameToWire(text);
    return true;
  } catch (error) {
    if (error instanceof BadName) return false;
    throw error;
  }
}

/** The text of a name on the wire without compression, with a dot at its end. */
export function nameToText(wire: Uint8Array, start = 0): string {
  let text = '';
  let at = start;
  for (;;) {
    const length = wire[at] ?? 0;
    if (length === 0) return text === '' ? '.' : text;
    for (let n = 1; n <= length; n += 1) text += octetText(wire[at + n] ?? 0);
    text += '.';
    at += length + 1;
  }
}

/** Octets of a name on the wire, its end included. */
export function wireLength(wire: Uint8Array, start = 0): number {
  let at = start;
  while ((wire[at] ?? 0) !== 0) at += (wire[at] ?? 0) + 1;
  return at + 1 - start;
}

/** ASCII letters in lower case (RFC 4343). */
export function lowerCase(octet: number): number {
  return octet >= 65 && octet <= 90 ? octet + 32 : octet;
}

function octetText(octet: number): string {
  const char = String.fromCharCode(octet);
  if (char === '.' || char === '\\') return `\\${char}`;
  return octet > 32 && octet < 127 ? char : `\\${String(octet).padStart(3, '0')}`;
}

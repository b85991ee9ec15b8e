/**
 * What a host or a guest calls itself reaches the terminal only through here. Control characters could move the cursor,
 * change the title or answer for the person (https://invisible-island.net/xterm/ctlseqs/ctlseqs.html); format
 * characters could turn the reading direction (https://trojansource.codes).
 */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

function visible(char: string): string {
  const code = char.codePointAt(0) ?? 0;
  if (code < 0x100) return `\\x${code.toString(16).padStart(2, '0')}`;
  return code < 0x10000 ? `\\u${code.toString(16).padStart(4, '0')}` : `\\u{${code.toString(16)}}`;
}

/** One line with every control and format character written out, such as `\x1b`. */
export function safeText(text: string): string {
  return text.replace(UNSAFE, visible);
}

/** Several lines; line ends stay, tabs become spaces. */
export function safeBlock(text: string): string {
  return text.replaceAll('\t', '    ').split(/\r?\n/).map(safeText).join('\n');
}

/** JSON for a terminal or a file: the same value, with the characters that JSON leaves alone escaped as well. */
export function safeJson(value: unknown, indent = 2): string {
  return JSON.stringify(value, null, indent).replace(UNSAFE, (char) =>
    char === '\n' ? char : [...unitsOf(char)].map((unit) => `\\u${unit}`).join(''),
  );
}

/** The UTF-16 units of a character as four hexadecimal digits each, which is how JSON escapes (RFC 8259 section 7). */
function* unitsOf(char: string): Generator<string> {
  for (let at = 0; at < char.length; at += 1) yield char.charCodeAt(at).toString(16).padStart(4, '0');
}

/** True when a text has characters that {@link safeText} would write out. */
export function isUnsafe(text: string): boolean {
  return text.search(UNSAFE) !== -1;
}

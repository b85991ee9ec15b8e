const NEWLINES: readonly number[] = [0x0a, 0x0d];
const TILDE = 0x7e;
const DOT = 0x2e;

/** What is typed, with the way out taken from it: `~.` at the beginning of a line, as in ssh. */
export type EscapeKeys = Readonly<{
  /** What goes to the instance, and whether the person wants to leave. */
  filter(typed: Uint8Array): Readonly<{ bytes: Uint8Array; leave: boolean }>;
}>;

/** Begins at the beginning of a line. `~~` there is one tilde; any other key after a tilde lets both through. */
export function createEscapeKeys(): EscapeKeys {
  let atLineStart = true;
  let tilde = false;
  return {
    filter(typed) {
      const out: number[] = [];
      for (const byte of typed) {
        if (tilde) {
          tilde = false;
          if (byte === DOT) return { bytes: Uint8Array.from(out), leave: true };
          out.push(TILDE);
          if (byte !== TILDE) out.push(byte);
        } else if (atLineStart && byte === TILDE) {
          tilde = true;
          continue;
        } else {
          out.push(byte);
        }
        atLineStart = NEWLINES.includes(byte);
      }
      return { bytes: Uint8Array.from(out), leave: false };
    },
  };
}

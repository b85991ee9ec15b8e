import type { GuestKey } from './guest-key.ts';

const BEGIN = '# BEGIN Longshore';
const END = '# END Longshore';
const NOTE = ' (changes between these two lines are undone)';
/** Stands at the end of every line of ours, so that it is known even where somebody has taken a marker away. */
const TAG = 'longshore:';
const OWN_LINE = /^(?:ssh-|ecdsa-|sk-)\S+ [A-Za-z0-9+/=]+ longshore:/;

/**
 * An `authorized_keys` file with exactly these keys between our two marks; without keys there are no marks. What is not
 * ours is kept byte for byte, whatever it is; at most the newline that its last line lacks is added before our block.
 *
 * A block stays where it is, a second one goes. Half a block, when one mark is gone, is what is left of our lines: those
 * next to the other mark that bear our tag. Pure.
 */
export function withKeys(file: Buffer, keys: readonly GuestKey[]): Buffer {
  // Latin-1 maps each byte to one character and back.
  const { kept, at } = withoutBlocks(file.toString('latin1').match(/[^\n]*\n|[^\n]+$/g) ?? []);
  if (keys.length === 0) return Buffer.from(kept.join(''), 'latin1');
  const place = at ?? kept.length;
  const before = kept.slice(0, place).join('');
  const block = [`${BEGIN}${NOTE}`, ...keys.map(lineOf), END].map((line) => `${line}\n`).join('');
  return Buffer.concat([
    Buffer.from(before === '' || before.endsWith('\n') ? before : `${before}\n`, 'latin1'),
    Buffer.from(block, 'utf8'),
    Buffer.from(kept.slice(place).join(''), 'latin1'),
  ]);
}

/** The line of a key; its comment says whose it is. */
function lineOf({ publicKey, person, comment }: GuestKey): string {
  const words = comment.replaceAll(/[\p{C}\s]+/gu, ' ').trim();
  return `${publicKey} ${TAG}${person}${words === '' ? '' : ` ${words}`}`;
}

function withoutBlocks(lines: readonly string[]): { kept: string[]; at: number | undefined } {
  const kept: string[] = [];
  let at: number | undefined;
  for (let n = 0; n < lines.length; n += 1) {
    const line = lines[n] ?? '';
    switch (markOf(line)) {
      case undefined:
        kept.push(line);
        break;
      case 'begin': {
        at ??= kept.length;
        const next = lines.findIndex((each, m) => m > n && markOf(each) !== undefined);
        if (next !== -1 && markOf(lines[next] ?? '') === 'end') n = next;
        else while (OWN_LINE.test(lines[n + 1] ?? '')) n += 1;
        break;
      }
      case 'end':
        while (kept.length > (at ?? 0) && OWN_LINE.test(kept.at(-1) ?? '')) kept.pop();
        at ??= kept.length;
        break;
    }
  }
  return { kept, at };
}

function markOf(line: string): 'begin' | 'end' | undefined {
  const text = line.trim();
  if (text === BEGIN || text === `${BEGIN}${NOTE}`) return 'begin';
  return text === END ? 'end' : undefined;
}

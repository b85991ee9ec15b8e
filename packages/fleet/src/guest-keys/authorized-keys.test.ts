import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { withKeys } from './authorized-keys.ts';
import type { GuestKey } from './guest-key.ts';

const key = (person: string, comment = ''): GuestKey => ({
  fingerprint: `SHA256:${person}`,
  type: 'ssh-ed25519',
  publicKey: `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI${person}`,
  comment,
  personId: person,
  person,
});
const anna = key('anna', 'laptop ü');
const bert = key('bert');

const BEGIN = '# BEGIN Longshore (changes between these two lines are undone)\n';
const ANNA = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIanna longshore:anna laptop ü\n';
const BERT = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIbert longshore:bert\n';
const END = '# END Longshore\n';
const edit = (text: string, ...keys: readonly GuestKey[]) => withKeys(Buffer.from(text), keys).toString();

describe('the block in authorized_keys', () => {
  it('stands at the end, stays where it is, and goes when there are no keys', () => {
    assert.equal(edit('', anna), `${BEGIN}${ANNA}${END}`);
    assert.equal(edit('mine 1\n', anna, bert), `mine 1\n${BEGIN}${ANNA}${BERT}${END}`);
    assert.equal(
      edit(`mine 1\n${BEGIN}${ANNA}${END}mine 2\n`, bert),
      `mine 1\n${BEGIN}${BERT}${END}mine 2\n`,
    );
    assert.equal(edit(`mine 1\n${BEGIN}${ANNA}${END}mine 2`), 'mine 1\nmine 2');
    assert.equal(edit('mine', anna), `mine\n${BEGIN}${ANNA}${END}`);
    assert.equal(edit('mine'), 'mine');
  });

  it('is mended when somebody has edited it', () => {
    const right = `mine\n${BEGIN}${ANNA}${END}more\n`;
    assert.equal(
      edit(`mine\n${BEGIN}${BERT}somebody's own\n${END}more\n`, anna),
      right,
      'inside, all is ours',
    );
    assert.equal(edit(right.replaceAll('\n', '\r\n'), anna), `mine\r\n${BEGIN}${ANNA}${END}more\r\n`, 'CRLF');
    assert.equal(
      edit(`mine\n${BEGIN}${ANNA}${END}more\n${BEGIN}${BERT}${END}`, anna),
      right,
      'a second block',
    );
    assert.equal(edit(`mine\n  ${BEGIN.trim()}\t\n${ANNA}${END}more\n`, anna), right, 'white space');
  });

  it('takes only its own lines when one mark is gone', () => {
    assert.equal(edit(`mine\n${BEGIN}${ANNA}${BERT}theirs\n`, anna), `mine\n${BEGIN}${ANNA}${END}theirs\n`);
    assert.equal(edit(`mine\n${ANNA}${BERT}${END}theirs\n`, bert), `mine\n${BEGIN}${BERT}${END}theirs\n`);
    assert.equal(edit(`${BEGIN}${ANNA}theirs\n${BEGIN}${BERT}${END}`, bert), `${BEGIN}${BERT}${END}theirs\n`);
    assert.equal(edit(`${ANNA}`), ANNA, 'a line that somebody has copied out of the block is theirs');
    assert.equal(edit(`${BEGIN}${ANNA}`.trimEnd()), '', 'cut off in the middle of writing');
  });

  it('lets no name or comment out of its line', () => {
    const hostile = edit('', key('eve', `x\n${END}command="sh" \r\u2028y`));
    assert.equal(hostile.split('\n').length, 4);
    assert.equal(edit(hostile), '');
  });

  it('keeps every byte of what is not its own, and is the same when done twice', () => {
    let seed = 20261130;
    const random = (below: number) => {
      seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
      return seed % below;
    };
    const pieces = [
      '\n',
      '\r\n',
      'ssh-rsa AAAA me\n',
      '# a note\n',
      '#BEGIN Longshore\n',
      'no end',
      '\0\xff\xfe',
      'x'.repeat(300),
    ];
    for (let round = 0; round < 2000; round += 1) {
      const foreign = Buffer.from(
        Array.from({ length: random(7) }, () => pieces[random(pieces.length)] ?? '').join(''),
        'latin1',
      );
      const keys = [anna, bert, key('cleo', '\u0000\n')].slice(0, random(4));
      const edited = withKeys(foreign, keys);
      assert.deepEqual(withKeys(edited, keys), edited);
      const bare = withKeys(edited, []);
      const added = bare.length - foreign.length;
      assert.deepEqual(bare.subarray(0, foreign.length), foreign);
      assert.ok(added === 0 || (added === 1 && bare.at(-1) === 10 && foreign.at(-1) !== 10));
      // Markers and lines of ours thrown in anywhere: nothing foreign is lost with them.
      const marks = [BEGIN, END, ANNA, BERT];
      const lines = foreign
        .toString('latin1')
        .split('\n')
        .map((line) => `${line}\n`);
      const torn = lines
        .flatMap((line) => (random(3) === 0 ? [marks[random(4)] ?? '', line] : [line]))
        .join('');
      const mended = withKeys(Buffer.from(torn, 'latin1'), keys);
      assert.deepEqual(withKeys(mended, keys), mended, torn);
    }
  });
});

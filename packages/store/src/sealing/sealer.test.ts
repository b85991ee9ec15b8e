import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { createSealer, hashToken, loadOrCreateKeyFile, rotateKeyFile, tokenMatches } from '../index.ts';

const key = (id: string) => ({ id, key: randomBytes(32) });

async function folder(t: TestContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'longshore-keys-'));
  t.after(() => rm(path, { recursive: true, force: true }));
  return path;
}

describe('a sealed value', () => {
  it('opens under its context and shows nothing of itself', () => {
    const sealer = createSealer({ keys: [key('a')], active: 'a' });
    const envelope = sealer.seal('geheim ✓', 'hosts.password:1');
    assert.equal(sealer.open(envelope, 'hosts.password:1'), 'geheim ✓');
    assert.match(envelope, /^s1\.a\.[\w-]+$/);
    assert.notEqual(envelope, sealer.seal('geheim ✓', 'hosts.password:1'));
    assert.equal(sealer.open(sealer.seal('', 'x'), 'x'), '');
  });

  it('does not open elsewhere, changed, cut short, or under another key of the same name', () => {
    const sealer = createSealer({ keys: [key('a')], active: 'a' });
    const envelope = sealer.seal('geheim', 'hosts.password:1');
    assert.throws(() => sealer.open(envelope, 'hosts.password:2'), { code: 'sealed_value_tampered' });
    const bytes = Buffer.from(envelope.slice(5), 'base64url');
    for (let n = 0; n < bytes.length; n += 1) {
      const changed = Buffer.from(bytes);
      changed[n] = (changed[n] ?? 0) ^ 1;
      assert.throws(() => sealer.open(`s1.a.${changed.toString('base64url')}`, 'hosts.password:1'), {
        code: 'sealed_value_tampered',
      });
    }
    for (const text of ['', 'geheim', 's1.a.', 's2.a.AAAA', envelope.slice(0, 20)]) {
      assert.throws(() => sealer.open(text, 'hosts.password:1'), { code: 'sealed_value_invalid' });
    }
    const other = createSealer({ keys: [key('a')], active: 'a' });
    assert.throws(() => other.open(envelope, 'hosts.password:1'), { code: 'sealed_value_tampered' });
    const without = createSealer({ keys: [key('b')], active: 'b' });
    assert.throws(() => without.open(envelope, 'hosts.password:1'), { code: 'key_unknown' });
  });
});

describe('the key file', () => {
  it('is made once, private, and the same for all that start at once', async (t) => {
    const path = join(await folder(t), 'new/keys');
    const rings = await Promise.all([1, 2, 3, 4].map(() => loadOrCreateKeyFile(path)));
    assert.equal((await stat(path)).mode & 0o777, 0o600);
    for (const ring of rings) assert.deepEqual(ring, rings[0]);
    assert.deepEqual(await readdir(join(path, '..')), ['keys']);
  });

  it('is refused when others may read it or it is damaged, and never overwritten', async (t) => {
    const path = join(await folder(t), 'keys');
    await loadOrCreateKeyFile(path);
    await chmod(path, 0o640);
    await assert.rejects(loadOrCreateKeyFile(path), { code: 'key_file_too_open' });
    await chmod(path, 0o600);
    for (const text of ['', 'k1 short\n']) {
      await writeFile(path, text);
      await assert.rejects(loadOrCreateKeyFile(path), { code: 'key_file_invalid' });
      assert.equal(await readFile(path, 'utf8'), text);
    }
  });

  it('keeps the old keys when a new one is added', async (t) => {
    const path = join(await folder(t), 'keys');
    const before = createSealer(await loadOrCreateKeyFile(path));
    const envelope = before.seal('geheim', 'x');
    const after = createSealer(await rotateKeyFile(path));
    assert.notEqual(after.activeKeyId, before.activeKeyId);
    assert.equal(after.open(envelope, 'x'), 'geheim');
    const resealed = after.reseal(envelope, 'x');
    assert.ok(resealed.startsWith(`s1.${after.activeKeyId}.`));
    assert.equal(createSealer(await loadOrCreateKeyFile(path)).open(resealed, 'x'), 'geheim');
  });
});

describe('a hashed token', () => {
  it('matches its token and no other', () => {
    const hash = hashToken('abc');
    assert.equal(tokenMatches('abc', hash), true);
    assert.equal(tokenMatches('abd', hash), false);
    assert.equal(tokenMatches('abc', 'no hash'), false);
  });
});

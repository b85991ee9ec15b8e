import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isOlder, versionWarnings } from './version-warnings.ts';

describe('warnings about versions', () => {
  const codes = (serverKind: 'lxd' | 'incus', version: string): string[] =>
    versionWarnings({ serverKind, version, clustered: false }).map(({ code }) => code);

  it('name the holes of the version, and none where they are mended', () => {
    assert.deepEqual(codes('lxd', '5.0.2'), ['CVE-2026-28384', 'CVE-2026-9640']);
    assert.deepEqual(codes('lxd', '5.0.7'), []);
    assert.deepEqual(codes('lxd', '5.21.4'), ['CVE-2026-9640']);
    assert.deepEqual(codes('lxd', '6.9'), []);
    assert.ok(codes('incus', '6.0.4').includes('CVE-2025-64507'));
    assert.deepEqual(codes('incus', '7.0.0'), []);
  });

  it('compare versions by number', () => {
    assert.equal(isOlder('5.9', '5.21'), true);
    assert.equal(isOlder('5.21.0', '5.21'), false);
    assert.equal(isOlder('4.0.10', '4.0.9'), false);
    assert.equal(isOlder('6.0.4-debian12', '6.0.5'), true);
    assert.equal(isOlder('', '4.0'), true);
  });
});

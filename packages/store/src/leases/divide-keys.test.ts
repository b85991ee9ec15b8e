import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { divideKeys } from './divide-keys.ts';

const names = (prefix: string, count: number) => Array.from({ length: count }, (_, n) => `${prefix}${n}`);

describe('dividing keys among members', () => {
  it('gives each key to one member, and no member more than its part and a tenth', () => {
    for (let members = 1; members <= 6; members += 1) {
      for (const count of [0, 1, 2, 3, 7, 50, 101]) {
        const owners = [...divideKeys(names('m', members), names('k', count)).values()];
        assert.equal(owners.length, count);
        const limit = Math.max(Math.ceil(count / members), (count / members) * 1.1);
        for (const member of names('m', members)) {
          assert.ok(owners.filter((owner) => owner === member).length <= limit, `${members} ${count}`);
        }
      }
    }
  });

  it('moves little when a member leaves', () => {
    const keys = names('host-', 1000);
    const before = divideKeys(['a', 'b', 'c', 'd'], keys);
    const after = divideKeys(['a', 'b', 'c'], keys);
    const moved = keys.filter((key) => before.get(key) !== 'd' && before.get(key) !== after.get(key));
    assert.ok(moved.length < 100, `${moved.length} of 1000 moved between members that stayed`);
  });
});

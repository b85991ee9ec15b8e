import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { checkTestbedName, layoutHost, layoutTestbed, namespacePrefix, SLOT_COUNT } from './layout.ts';
import { TestbedError } from './testbed-error.ts';

describe('the layout of a testbed', () => {
  const longest = layoutTestbed('abcdef', SLOT_COUNT - 1);
  const lastHost = layoutHost(longest, 240);

  it('fits the limits of the kernel: link names of 15 characters, short socket paths, bytes in addresses', () => {
    assert.ok(longest.clientLink.length <= 15);
    assert.ok(lastHost.port.length <= 15);
    // Daemons put sockets below their folder by the instance's name; the folder must leave them most of the 107.
    assert.ok(Buffer.byteLength(lastHost.daemonDir) <= 30, lastHost.daemonDir);
    assert.equal(lastHost.address, '10.213.199.250');
    assert.match(lastHost.mac, /:fa$/);
  });

  it('keeps testbeds apart', () => {
    const [one, other] = [layoutTestbed('a', 1), layoutTestbed('ab', 2)];
    for (const key of ['dir', 'routerNamespace', 'clientLink', 'net4', 'net6', 'domain'] as const) {
      assert.notEqual(one[key], other[key]);
    }
    assert.ok(!other.routerNamespace.startsWith(namespacePrefix(one.name)));
  });

  it('refuses names that would not fit somewhere', () => {
    for (const name of ['', 'toolong', 'UP', 'a-b', '../x', 'a b']) {
      assert.throws(
        () => checkTestbedName(name),
        (error) => error instanceof TestbedError && error.code === 'bad-argument',
      );
    }
    checkTestbedName('a1');
  });
});

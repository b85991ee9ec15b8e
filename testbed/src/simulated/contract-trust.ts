import assert from 'node:assert/strict';
import { it } from 'node:test';
import { createLxdClient, fingerprintOf, parseTrustToken } from '@longshore/lxd';
import { refused, strangerOf, type Trial } from './contract-subject.ts';

/** Who a host talks to, and what it says of itself. */
export function trustContract(trial: () => Trial): void {
  it('tells a trusted client what it is', async () => {
    const { client, host } = trial();
    const info = await client.server.get();
    assert.equal(info.serverKind, host.kind);
    assert.equal(info.auth, 'trusted');
    assert.equal(info.apiVersion, '1.0');
    assert.equal(info.certificateFingerprint, host.fingerprint);
    assert.equal(fingerprintOf(info.certificate), host.fingerprint);
    assert.match(info.version, /^\d+\.\d+/);
    assert.ok(info.serverName !== '' && !info.clustered);
    assert.ok(info.architectures.includes('x86_64') || info.architectures.includes('aarch64'));
    for (const extension of [
      'projects',
      'instances',
      'instance_get_full',
      'instance_all_projects',
      'event_lifecycle',
    ]) {
      assert.ok(info.apiExtensions.has(extension), extension);
    }
    assert.ok(info.etag !== '');
  });

  it('tells a stranger only that it is not trusted', async () => {
    const stranger = await strangerOf(trial().host);
    try {
      const info = await stranger.server.get();
      assert.equal(info.auth, 'untrusted');
      assert.equal(info.serverKind, trial().host.kind);
      assert.equal(info.version, '');
      assert.equal(info.serverName, '');
      assert.ok(info.apiExtensions.has('projects'));
      await refused(stranger.instances.list(), 'forbidden');
      await refused(stranger.operations.list(), 'forbidden');
      await refused(stranger.certificates.add({ name: 'stranger' }), 'forbidden');
    } finally {
      await stranger.close();
    }
  });

  it('is refused by a client that pinned another certificate', async () => {
    const { url, clientCertificate } = trial().host;
    const client = createLxdClient({ kind: 'https', url, fingerprint: '0'.repeat(64), clientCertificate });
    await refused(client.server.get(), 'fingerprint-mismatch');
    await client.close();
  });

  it('trusts the first who shows a token, and nobody after', async () => {
    const { host, client } = trial();
    const token = await host.token('contract');
    assert.equal(parseTrustToken(token).fingerprint, host.fingerprint);
    const [first, second] = await Promise.all([strangerOf(host), strangerOf(host)]);
    try {
      await first.certificates.add({ trustToken: token });
      assert.equal((await first.server.get()).auth, 'trusted');
      await refused(
        first.certificates.add({ trustToken: token }),
        ['conflict', 'bad-request'],
        /already trusted/,
      );
      await refused(second.certificates.add({ trustToken: token }), 'forbidden');
      assert.equal((await second.server.get()).auth, 'untrusted');
      const entry = (await client.certificates.list()).find(({ name }) => name === 'contract');
      assert.ok(entry, 'the entry bears the name the token was made for');
      await client.certificates.delete(entry.fingerprint);
      assert.equal((await first.server.get()).auth, 'untrusted');
      await refused(client.certificates.get(entry.fingerprint), 'not-found');
    } finally {
      await Promise.all([first.close(), second.close()]);
    }
  });

  it('makes tokens for trusted clients, and forgets a cancelled one', async () => {
    const { host, client } = trial();
    const token = await client.certificates.createToken('later');
    const [operation] = (await client.operations.list()).filter(
      (one) => one.class === 'token' && one.status === 'Running',
    );
    assert.ok(operation, 'a token is a running operation');
    assert.ok(operation.may_cancel);
    await client.operations.cancel(operation.id);
    const late = await strangerOf(host);
    await refused(late.certificates.add({ trustToken: token }), 'forbidden');
    await late.close();
  });

  it('takes the trust password where there is one, and no other', async () => {
    const { host, client } = trial();
    const stranger = await strangerOf(host);
    try {
      await refused(stranger.certificates.add({ name: 'password', password: 'wrong' }), 'forbidden');
      if (host.trustPassword === null) return;
      await stranger.certificates.add({ name: 'password', password: host.trustPassword });
      assert.equal((await stranger.server.get()).auth, 'trusted');
      const entry = (await client.certificates.list()).find(({ name }) => name === 'password');
      assert.ok(entry);
      await client.certificates.delete(entry.fingerprint);
    } finally {
      await stranger.close();
    }
  });
}

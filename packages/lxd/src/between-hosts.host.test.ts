import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { InstanceCreate, InstanceSource } from './api/instance.ts';
import { createLxdClient, type LxdClient } from './lxd-client.ts';
import { isLxdError } from './lxd-error.ts';
import { migrationPullSource, migrationPushSource, operationUrl } from './migration.ts';
import { probeServer } from './probe-server.ts';
import { launch, openRealHosts, type RealHost, type RealHosts } from './testing/real-hosts.ts';
import { selfSigned } from './testing/self-signed.ts';
import { parseTrustToken } from './trust-token.ts';

let opened: RealHosts | undefined;

before(async () => {
  opened = await openRealHosts('lxdbt');
});
after(async () => {
  await opened?.[Symbol.asyncDispose]();
});

function hosts(): RealHosts {
  assert.ok(opened);
  return opened;
}

/** A tar archive (POSIX ustar) of one file. */
function tarOf(name: string, content: string): Buffer {
  const header = Buffer.alloc(512);
  const octal = (value: number, length: number): string => `${value.toString(8).padStart(length - 1, '0')}\0`;
  header.write(name, 0);
  header.write(octal(0o644, 8) + octal(0, 8) + octal(0, 8) + octal(content.length, 12) + octal(0, 12), 100);
  header.write('        0', 148); // the checksum counts itself as blanks; then the type: a file
  header.write('ustar\x0000', 257);
  header.write(
    octal(
      header.reduce((sum, byte) => sum + byte, 0),
      7,
    ),
    148,
  );
  const body = Buffer.alloc(Math.ceil(content.length / 512) * 512);
  body.write(content);
  return Buffer.concat([header, body, Buffer.alloc(1024)]);
}

const timeout = 120_000;
const MARK = 'm'.repeat(1_500_000);

/** What the destination is told about the instance, besides its source. */
async function bodyOf(from: LxdClient, name: string, source: InstanceSource): Promise<InstanceCreate> {
  const { value } = await from.instances.get(name);
  const config = Object.fromEntries(
    Object.entries(value.config).filter(([key]) => !key.startsWith('volatile.')),
  );
  return {
    name,
    source,
    config,
    devices: value.devices,
    profiles: value.profiles,
    architecture: value.architecture,
  };
}

type Transfer = (from: RealHost, to: RealHost, name: string) => Promise<void>;

const transfers: Record<'pull' | 'push' | 'relay', Transfer> = {
  async pull(from, to, name) {
    const offer = await from.client.migration.source(name);
    const body = await bodyOf(from.client, name, migrationPullSource(offer, from.host.url));
    await to.client.operations.wait(await to.client.instances.create(body));
    await from.client.operations.wait(offer.operation);
  },
  async push(from, to, name) {
    const created = await to.client.instances.create(await bodyOf(from.client, name, migrationPushSource()));
    const { operationId, secrets, certificate } = await to.client.migration.sink(created);
    const target = { operationUrl: operationUrl(to.host.url, operationId), secrets, certificate };
    await from.client.operations.wait(await from.client.migration.push(name, target));
    await to.client.operations.wait(created);
  },
  async relay(from, to, name) {
    const created = await to.client.instances.create(await bodyOf(from.client, name, migrationPushSource()));
    const sink = await to.client.migration.sink(created);
    const source = await from.client.migration.source(name);
    const carried = new Set<string>();
    await from.client.migration.relay(
      source,
      { client: to.client, offer: sink },
      { onProgress: ({ channel, bytes }) => bytes > 0 && carried.add(channel) },
    );
    await from.client.operations.wait(source.operation);
    await to.client.operations.wait(created);
    assert.deepEqual([...carried].sort(), ['control', 'fs']);
  },
};

describe('an instance with a snapshot goes to another host', () => {
  // Not from Incus to LXD: LXD refuses the key volatile.uuid.generation that Incus puts into every snapshot.
  for (const [mode, transfer] of Object.entries(transfers)) {
    it(`by ${mode}, from LXD to Incus`, { timeout }, async () => {
      const { lxd, incus } = hosts();
      const name = `go-${mode}`;
      await launch(lxd.client, name, { start: false });
      await lxd.client.instances.files.write(name, '/root/mark', { content: MARK });
      await lxd.client.operations.wait(await lxd.client.instances.snapshots.create(name, { name: 's1' }));
      await transfer(lxd, incus, name);
      const mark = await incus.client.instances.files.read(name, '/root/mark');
      assert.ok(mark.kind === 'file' && mark.content.toString() === MARK);
      const snapshots = await incus.client.instances.snapshots.list(name);
      assert.deepEqual(
        snapshots.map((snapshot) => snapshot.name),
        ['s1'],
      );
      await incus.client.operations.wait(await incus.client.instances.setState(name, { action: 'start' }));
      assert.equal(
        (await lxd.client.instances.get(name)).value.status,
        'Stopped',
        'the source stays as it was',
      );
    });
  }

  it('ends the relay with its caller, and both operations fail', { timeout }, async () => {
    const { lxd, incus } = hosts();
    await launch(lxd.client, 'cut', { start: false });
    const created = await incus.client.instances.create(
      await bodyOf(lxd.client, 'cut', migrationPushSource()),
    );
    const sink = await incus.client.migration.sink(created);
    const source = await lxd.client.migration.source('cut');
    const abort = new AbortController();
    const relay = lxd.client.migration.relay(
      source,
      { client: incus.client, offer: sink },
      { signal: abort.signal, onProgress: () => abort.abort() },
    );
    await assert.rejects(relay, (e) => isLxdError(e, 'aborted'));
    await assert.rejects(lxd.client.operations.wait(source.operation), (e) =>
      isLxdError(e, 'operation-failed'),
    );
    await assert.rejects(incus.client.operations.wait(created), (e) => isLxdError(e, 'operation-failed'));
  });
});

describe('an image', () => {
  it('is fetched by another server with a one-time secret', { timeout }, async () => {
    const { lxd, incus } = hosts();
    const image = await lxd.client.images.resolve('bb');
    await incus.client.operations.wait(await incus.client.images.delete(image.fingerprint));
    const info = await lxd.client.server.get();
    const operation = await incus.client.operations.wait(
      await incus.client.images.create({
        source: {
          type: 'image',
          mode: 'pull',
          protocol: 'lxd',
          server: lxd.host.url,
          certificate: info.certificate,
          fingerprint: image.fingerprint,
          secret: await lxd.client.images.secret(image.fingerprint),
        },
      }),
    );
    assert.equal(operation.metadata?.fingerprint, image.fingerprint);
    await incus.client.images.aliases.create({ name: 'bb', target: image.fingerprint });
    assert.equal((await incus.client.images.resolve('bb')).fingerprint, image.fingerprint);
  });

  it('passes through us as it is, and is refused when altered', { timeout }, async () => {
    const { lxd, incus } = hosts();
    const { fingerprint } = await lxd.client.images.resolve('bb');
    const exported = await lxd.client.images.export(fingerprint);
    const wrong = incus.client.images.upload({ kind: 'unified', body: Buffer.from('junk') }, { fingerprint });
    await assert.rejects(async () => incus.client.operations.wait(await wrong));
    await incus.client.operations.wait(await incus.client.images.delete(fingerprint));
    await incus.client.operations.wait(
      await incus.client.images.upload({ kind: 'export', download: exported }, { fingerprint }),
    );
    await incus.client.images.aliases.create({ name: 'bb', target: fingerprint });
    await launch(incus.client, 'of-upload', { start: false });
  });

  it('of two files keeps them apart on its way through us', { timeout }, async () => {
    const { lxd, incus } = hosts();
    const metadata = tarOf(
      'metadata.yaml',
      'architecture: x86_64\ncreation_date: 1\nproperties: {release: one}\n',
    );
    const rootfs = tarOf('etc/mark', 'here');
    const uploaded = await lxd.client.operations.wait(
      await lxd.client.images.upload(
        { kind: 'split', metadata, rootfs },
        { properties: { os: 'two & two' } },
      ),
    );
    const fingerprint = String(uploaded.metadata?.fingerprint);
    assert.equal((await lxd.client.images.get(fingerprint)).value.properties.os, 'two & two');
    const download = await lxd.client.images.export(fingerprint);
    assert.match(download.contentType, /^multipart\//);
    await incus.client.operations.wait(
      await incus.client.images.upload({ kind: 'export', download }, { fingerprint }),
    );
    assert.equal((await incus.client.images.get(fingerprint)).value.architecture, 'x86_64');
  });
});

for (const kind of ['lxd', 'incus'] as const) {
  describe(`trust on ${kind}`, () => {
    it('is given once for a token whose fingerprint pins the server', { timeout }, async () => {
      const { host, client } = hosts()[kind];
      const token = parseTrustToken(await host.token('newcomer'));
      assert.equal(token.clientName, 'newcomer');
      assert.ok(token.addresses.includes(`${host.address}:8443`));
      assert.equal((await probeServer(host.url)).fingerprint, token.fingerprint);
      const identity = selfSigned('newcomer');
      const endpoint = { kind: 'https' as const, url: host.url, fingerprint: token.fingerprint };
      const stranger = createLxdClient({ ...endpoint, clientCertificate: identity });
      const second = createLxdClient({ ...endpoint, clientCertificate: selfSigned('second') });
      try {
        const before = await stranger.server.get();
        assert.deepEqual([before.auth, before.serverKind], ['untrusted', kind]);
        await assert.rejects(stranger.instances.list(), (e) => isLxdError(e, 'forbidden'));
        await stranger.certificates.add({ trustToken: token.text });
        assert.equal((await stranger.server.get()).auth, 'trusted');
        await assert.rejects(second.certificates.add({ trustToken: token.text }), (e) =>
          isLxdError(e, 'forbidden'),
        );
        await client.certificates.delete(identity.fingerprint);
        await assert.rejects(stranger.instances.list(), (e) => isLxdError(e, 'forbidden'));
      } finally {
        await Promise.all([stranger.close(), second.close()]);
      }
    });

    it('can be restricted to projects by a token that we make', { timeout }, async () => {
      const { host, client } = hosts()[kind];
      const token = await client.certificates.createToken('tenant', {
        restricted: true,
        projects: ['default'],
      });
      const tenant = createLxdClient({
        kind: 'https',
        url: host.url,
        fingerprint: await host.fingerprint(),
        clientCertificate: selfSigned('tenant'),
      });
      try {
        await tenant.certificates.add({ trustToken: token });
        await tenant.instances.list();
        await assert.rejects(tenant.instances.list({ project: 'other' }), (e) => isLxdError(e, 'forbidden'));
      } finally {
        await tenant.close();
      }
    });

    it('is not needed on the local socket', { timeout }, async () => {
      const { host } = hosts()[kind];
      const local = createLxdClient({ kind: 'unix', path: host.socketPath });
      try {
        assert.equal((await local.server.get()).auth, 'trusted');
        await new Promise<void>((resolve) => local.events({ onConnect: resolve }));
      } finally {
        await local.close();
      }
    });
  });
}

describe('trust by password', () => {
  it('is given on LXD for the right one', { timeout }, async () => {
    const { host } = hosts().lxd;
    const client = createLxdClient({
      kind: 'https',
      url: host.url,
      fingerprint: await host.fingerprint(),
      clientCertificate: selfSigned('by-password'),
    });
    try {
      await assert.rejects(client.certificates.add({ password: 'wrong' }), (e) => isLxdError(e, 'forbidden'));
      assert.ok(host.trustPassword);
      await client.certificates.add({ password: host.trustPassword, name: 'by-password' });
      assert.equal((await client.server.get()).auth, 'trusted');
    } finally {
      await client.close();
    }
  });
});

import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as x509 from '@peculiar/x509';
import { serverCertificate } from './host-setup.ts';
import { type HostLayout, layoutHost, type TestbedLayout } from './layout.ts';
import type { HostKind } from './testbed-state.ts';

/** A client's key pair, both as PEM. */
export type ClientCertificate = { readonly cert: string; readonly key: string };

const curve = { name: 'ECDSA', namedCurve: 'P-384', hash: 'SHA-384' } as const;

/** The one certificate with which a testbed's client comes to all its hosts; made at the first call. */
export async function clientCertificate(testbed: TestbedLayout): Promise<ClientCertificate> {
  const certPath = join(testbed.clientDir, 'client.crt');
  const keyPath = join(testbed.clientDir, 'client.key');
  if (!existsSync(certPath)) {
    const made = await makeCertificate();
    await mkdir(testbed.clientDir, { recursive: true });
    await writeFile(keyPath, made.key, { mode: 0o600 });
    await writeFile(certPath, made.cert);
  }
  return { cert: await readFile(certPath, 'utf8'), key: await readFile(keyPath, 'utf8') };
}

async function makeCertificate(): Promise<ClientCertificate> {
  const keys = await webcrypto.subtle.generateKey(curve, true, ['sign', 'verify']);
  const cert = await x509.X509CertificateGenerator.createSelfSigned(
    { name: 'O=testbed, CN=client', keys, signingAlgorithm: curve },
    webcrypto,
  );
  const pkcs8 = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
  return { cert: `${cert.toString('pem')}\n`, key: `${x509.PemConverter.encode(pkcs8, 'PRIVATE KEY')}\n` };
}

/**
 * Writes configuration folders for the stock `lxc` and `incus` clients in which every host is a remote, so that
 * `lxc list host1:` works in a shell. Returns the variables that point there.
 */
export async function writeClientConfiguration(
  testbed: TestbedLayout,
  kinds: readonly HostKind[],
): Promise<Readonly<Record<string, string>>> {
  const identity = await clientCertificate(testbed);
  const hosts = kinds.map((kind, index) => ({ kind, host: layoutHost(testbed, index + 1) }));
  const lxcDir = testbed.clientDir;
  const incusDir = join(testbed.clientDir, 'incus');
  for (const [dir, protocol] of [
    [lxcDir, 'lxd'],
    [incusDir, 'incus'],
  ] as const) {
    await mkdir(join(dir, 'servercerts'), { recursive: true });
    await writeFile(join(dir, 'client.crt'), identity.cert);
    await writeFile(join(dir, 'client.key'), identity.key, { mode: 0o600 });
    await writeFile(
      join(dir, 'config.yml'),
      remotes(
        hosts.map(({ host }) => host),
        protocol,
      ),
    );
    for (const { host } of hosts) {
      await writeFile(join(dir, 'servercerts', `${host.name}.crt`), await serverCertificate(host));
    }
  }
  const urls = hosts.map(({ host }) => [`TESTBED_HOST${host.number}`, host.url]);
  return {
    LXD_CONF: lxcDir,
    INCUS_CONF: incusDir,
    TESTBED_CERT: join(lxcDir, 'client.crt'),
    TESTBED_KEY: join(lxcDir, 'client.key'),
    ...Object.fromEntries(urls),
  };
}

/** YAML takes JSON, so no YAML writer is needed. */
function remotes(hosts: readonly HostLayout[], protocol: 'lxd' | 'incus'): string {
  const entries = hosts.map((host) => [
    host.name,
    { addr: host.url, auth_type: 'tls', protocol, public: false },
  ]);
  return JSON.stringify({
    'default-remote': hosts[0]?.name,
    remotes: Object.fromEntries(entries),
    aliases: {},
  });
}

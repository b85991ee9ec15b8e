import { X509Certificate } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { callAdminApi } from './admin-api.ts';
import { API_PORT, type HostLayout, TRUST_PASSWORD } from './layout.ts';
import { TestbedError } from './testbed-error.ts';
import type { HostKind, TestbedState } from './testbed-state.ts';

/**
 * First boot of a host: its pool, its NAT bridge, a default profile with two NICs (eth0 behind the bridge, eth1 on
 * the LAN), our certificate trusted, and last the API's port. A host that was set up stays as it is.
 */
export async function setUpHost(
  host: HostLayout,
  kind: HostKind,
  options: Pick<TestbedState, 'storage' | 'trust'>,
  clientCertificatePem: string,
  signal?: AbortSignal,
): Promise<void> {
  const donePath = join(host.dir, 'set-up');
  if (existsSync(donePath)) return;
  const call = (method: 'POST' | 'PUT' | 'PATCH', path: string, body: unknown) =>
    callAdminApi(host.socketPath, method, path, body, signal);
  const create = async (path: string, body: unknown) => {
    try {
      await call('POST', path, body);
    } catch (error) {
      // Made by an earlier set-up that was killed before its end.
      if (!(error instanceof TestbedError && /already (?:exists|in trust store)/.test(error.message)))
        throw error;
    }
  };
  const bridge = kind === 'lxd' ? 'lxdbr0' : 'incusbr0';
  await create('/1.0/storage-pools', {
    name: 'default',
    driver: options.storage,
    // A sparse file on a loop device.
    config: options.storage === 'btrfs' ? { size: '20GiB' } : {},
  });
  await create('/1.0/networks', {
    name: bridge,
    type: 'bridge',
    config: { 'ipv4.address': host.natAddress, 'ipv4.nat': 'true', 'ipv6.address': 'none' },
  });
  await call('PUT', '/1.0/profiles/default', {
    description: '',
    config: {},
    devices: {
      root: { type: 'disk', path: '/', pool: 'default' },
      eth0: { type: 'nic', name: 'eth0', network: bridge },
      eth1: { type: 'nic', name: 'eth1', nictype: 'bridged', parent: 'lanbr' },
    },
  });
  if (options.trust) {
    await create('/1.0/certificates', {
      type: 'client',
      name: 'testbed',
      certificate: new X509Certificate(clientCertificatePem).raw.toString('base64'),
    });
  }
  await call('PATCH', '/1.0', {
    config: {
      'images.auto_update_interval': '0',
      'core.https_address': `:${API_PORT}`,
      ...(kind === 'lxd' && { 'core.trust_password': TRUST_PASSWORD }),
    },
  });
  await writeFile(donePath, '');
}

/** The server's certificate as PEM. */
export async function serverCertificate(host: HostLayout): Promise<string> {
  return readFile(join(host.daemonDir, 'server.crt'), 'utf8');
}

/** SHA-256 of the server's certificate in lower-case hex, as tokens and `lxc info` have it. */
export async function serverFingerprint(host: HostLayout): Promise<string> {
  return new X509Certificate(await serverCertificate(host)).fingerprint256.replaceAll(':', '').toLowerCase();
}

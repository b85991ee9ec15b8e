import { after, before, describe } from 'node:test';
import { openTestbed, type Testbed } from '../open-testbed.ts';
import type { TestHost } from '../test-host.ts';
import { describeContract } from './contract.ts';
import type { ContractHost, ContractSubject } from './contract-subject.ts';

/** Two runs of this file may share a machine. */
const unique = process.pid.toString(36).slice(-4);

let testbed: Testbed | null = null;

before(async () => {
  testbed = await openTestbed({ name: `c${unique}`, lxd: 2, incus: 2 });
});
after(async () => {
  await testbed?.close();
});

async function prepare(host: TestHost): Promise<ContractHost> {
  await host.importImage('busybox');
  const features = ['images', 'networks', 'profiles', 'storage.volumes'].flatMap((what) => [
    '-c',
    `features.${what}=false`,
  ]);
  await host.cli(['project', 'create', 'tenant', ...features]);
  const { kind, url, clientCertificate } = host;
  return {
    kind,
    url,
    clientCertificate,
    fingerprint: await host.fingerprint(),
    trustPassword: host.trustPassword ?? null,
    token: (name) => host.token(name),
  };
}

async function subjectOf(kind: 'lxd' | 'incus'): Promise<ContractSubject> {
  const hosts = testbed?.hosts.filter((each) => each.kind === kind) ?? [];
  const [host, peer] = await Promise.all(hosts.map(prepare));
  if (!host || !peer) throw new Error(`the testbed lacks ${kind} hosts`);
  return { host, peer, close: async () => undefined };
}

describe('contract', { concurrency: true }, () => {
  describeContract('real LXD', () => subjectOf('lxd'));
  describeContract('real Incus', () => subjectOf('incus'));
});

import { makeHostKeys, makeServerCertificate } from './certificate.ts';
import { describeContract } from './contract.ts';
import type { ContractHost, ContractSubject } from './contract-subject.ts';
import { startSimulatedHosts } from './index.ts';
import type { SimulatedHost } from './simulated-host.ts';

async function openSimulation(kind: 'lxd' | 'incus'): Promise<ContractSubject> {
  const clientCertificate = makeServerCertificate(await makeHostKeys(Date.now()), 1);
  const trusted = [clientCertificate];
  const fleet = await startSimulatedHosts({
    count: 2,
    instancesPerHost: 3,
    kind,
    trusted,
    projects: ['tenant'],
  });
  const [host, peer] = fleet.hosts.map((each) => asSubject(each, clientCertificate));
  if (!host || !peer) throw new Error('two hosts were asked for');
  return { host, peer, close: () => fleet.close() };
}

function asSubject(host: SimulatedHost, clientCertificate: ContractHost['clientCertificate']): ContractHost {
  const { kind, url, fingerprint } = host;
  const trustPassword = kind === 'lxd' ? 'testbed' : null;
  return {
    kind,
    url,
    fingerprint,
    clientCertificate,
    trustPassword,
    token: async (name) => host.token(name),
  };
}

describeContract('simulated LXD', () => openSimulation('lxd'));
describeContract('simulated Incus', () => openSimulation('incus'));

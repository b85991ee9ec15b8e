import { readFile, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { startControlServer } from './control-server.ts';
import { startSimulatedHosts } from './index.ts';

const usage = `Simulated LXD and Incus hosts in a process of their own.

  node testbed/src/simulated/main.ts [--hosts 10] [--instances 10] [--kind lxd|incus|mixed] [--latency MS]
       [--projects a,b] [--seed N] [--trust CERT.pem] [--client NAME] [--out FILE]

Prints one line of JSON when all are up: {"control": URL, "hosts": [{"name", "kind", "url", "fingerprint", "token"}]}.
With --out the list of hosts goes to that file instead. Runs until SIGTERM or SIGINT.
`;

const kinds = ['lxd', 'incus', 'mixed'] as const;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      hosts: { type: 'string', default: '10' },
      instances: { type: 'string', default: '10' },
      kind: { type: 'string', default: 'lxd' },
      latency: { type: 'string', default: '0' },
      projects: { type: 'string', default: '' },
      seed: { type: 'string', default: '1' },
      trust: { type: 'string' },
      client: { type: 'string', default: 'longshore' },
      out: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(usage);
    return;
  }
  const kind = kinds.find((one) => one === values.kind);
  if (kind === undefined) throw new Error(`--kind ${values.kind}: one of ${kinds.join(', ')} is wanted`);
  const fleet = await startSimulatedHosts({
    count: wholeNumber('hosts', values.hosts),
    instancesPerHost: wholeNumber('instances', values.instances),
    kind,
    latencyMs: wholeNumber('latency', values.latency),
    seed: wholeNumber('seed', values.seed),
    projects: values.projects.split(',').filter((name) => name !== ''),
    trusted: values.trust === undefined ? [] : [{ cert: await readFile(values.trust, 'utf8') }],
  });
  const control = await startControlServer(fleet.hosts);
  const hosts = fleet.hosts.map((host) => ({
    name: host.name,
    kind: host.kind,
    url: host.url,
    fingerprint: host.fingerprint,
    token: host.token(values.client),
  }));
  if (values.out !== undefined) await writeFile(values.out, `${JSON.stringify(hosts)}\n`);
  const told = { control: control.url, hosts: values.out === undefined ? hosts : hosts.length };
  process.stdout.write(`${JSON.stringify(told)}\n`);
  const end = async () => {
    control.server.close();
    control.server.closeAllConnections();
    await fleet.close();
  };
  process.once('SIGTERM', () => void end());
  process.once('SIGINT', () => void end());
}

function wholeNumber(name: string, text: string): number {
  if (!/^\d+$/.test(text)) throw new Error(`--${name} ${text}: a whole number is wanted`);
  return Number(text);
}

await main();

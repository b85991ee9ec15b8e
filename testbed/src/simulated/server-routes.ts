import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { type Call, parseBody } from './call.ts';
import type { HostState } from './host-state.ts';
import { memoryUsage } from './instance-json.ts';
import { checkEtag, done, type Reply, sync } from './reply.ts';

const versions = { lxd: '5.0.2', incus: '6.0.4' } as const;

/** The API extensions of the real servers, recorded from LXD 5.0.2 and Incus 6.0.4. */
const extensions = {
  lxd: readExtensions('lxd'),
  incus: readExtensions('incus'),
};

function readExtensions(kind: 'lxd' | 'incus'): readonly string[] {
  const text = readFileSync(new URL(`api-extensions.${kind}.json`, import.meta.url), 'utf8');
  return z.array(z.string()).parse(JSON.parse(text));
}

/** `GET /1.0`: strangers see only that it is such a server and that they are not trusted. */
export function getServer(call: Call): Reply {
  const { host, trusted } = call;
  const all = {
    api_extensions: extensions[host.kind],
    api_status: 'stable',
    api_version: '1.0',
    auth: trusted ? 'trusted' : 'untrusted',
    public: false,
    auth_methods: ['tls'],
  };
  if (!trusted) return sync(host.kind === 'lxd' ? all : { config: {}, ...all });
  const user = { auth_user_name: call.requestor.username, auth_user_method: call.requestor.protocol };
  const config = serverConfig(host);
  const metadata = { config, ...all, ...(host.kind === 'incus' ? user : {}), environment: environment(host) };
  return sync(metadata, [config]);
}

function serverConfig(host: HostState): Record<string, unknown> {
  const password = host.kind === 'lxd' && host.trustPassword !== '';
  return { ...host.serverConfig, ...(password ? { 'core.trust_password': true } : {}) };
}

function environment(host: HostState) {
  return {
    addresses: [host.address],
    architectures: ['x86_64', 'i686'],
    certificate: host.certificate.cert,
    certificate_fingerprint: host.certificate.fingerprint,
    driver: 'lxc | qemu',
    driver_version: '5.0.2 | 8.2.0',
    firewall: 'nftables',
    kernel: 'Linux',
    kernel_architecture: 'x86_64',
    kernel_features: { idmapped_mounts: 'true', seccomp_listener: 'true' },
    kernel_version: '6.1.0',
    lxc_features: { cgroup2: 'true', pidfd: 'true' },
    os_name: 'Debian GNU/Linux',
    os_version: '12',
    project: 'default',
    server: host.kind,
    server_clustered: false,
    server_event_mode: 'full-mesh',
    server_name: host.name,
    server_pid: 50,
    server_version: versions[host.kind],
    storage: 'dir',
    storage_version: '1',
    storage_supported_drivers: [{ Name: 'dir', Version: '1', Remote: false }],
  };
}

const configSchema = z.object({ config: z.record(z.string(), z.union([z.string(), z.boolean()])) });

/** `PUT` and `PATCH /1.0`: the server's configuration. */
export function putServer(call: Call): Reply {
  const { host } = call;
  checkEtag(call.ifMatch, [serverConfig(host)]);
  const { config } = parseBody(call, configSchema);
  const kept = call.method === 'PATCH' ? host.serverConfig : {};
  const texts = Object.entries(config).filter(([key]) => key !== 'core.trust_password');
  host.serverConfig = { ...kept, ...Object.fromEntries(texts.map(([key, value]) => [key, String(value)])) };
  host.tell('config-updated', '', '/1.0', { requestor: call.requestor });
  return done;
}

const gib = 1024 ** 3;
const cores = 16;

/** `GET /1.0/resources`: 16 cores and 64 GiB, of which the running instances use what their state says. */
export function getResources(call: Call): Reply {
  const { host } = call;
  const used = host.listInstances(null).reduce((sum, instance) => sum + memoryUsage(instance), 2 * gib);
  const memory = { hugepages_used: 0, hugepages_total: 0, used, total: 64 * gib };
  const thread = (id: number) => ({ id, numa_node: 0, thread: 0, online: true, isolated: false });
  const socketCores = Array.from({ length: cores }, (_, core) => ({ core, die: 0, threads: [thread(core)] }));
  const socket = { name: 'Simulated', vendor: 'GenuineSimulation', socket: 0, cache: [], cores: socketCores };
  const disk = {
    id: 'vda',
    device: '254:0',
    type: 'virtio',
    read_only: false,
    size: 512 * gib,
    removable: false,
  };
  return sync({
    cpu: { architecture: 'x86_64', sockets: [socket], total: cores },
    memory: { nodes: [{ numa_node: 0, ...memory }], ...memory, hugepages_size: 2 * 1024 ** 2 },
    gpu: { cards: [], total: 0 },
    network: { cards: [], total: 0 },
    storage: {
      disks: [{ ...disk, numa_node: 0, block_size: 0, rpm: 1, device_id: '', partitions: [] }],
      total: 1,
    },
    usb: { devices: [], total: 0 },
    pci: { devices: [], total: 0 },
    system: {
      uuid: '',
      vendor: '',
      product: '',
      family: '',
      version: '',
      sku: '',
      serial: '',
      type: 'physical',
    },
  });
}

/** `GET /1.0/cluster`: it is none. */
export function getCluster(): Reply {
  return sync({ server_name: '', enabled: false, member_config: [] }, [false]);
}

/** `GET /1.0/metrics`: one figure for each running instance, in Prometheus' text form. */
export function getMetrics(call: Call): Reply {
  const prefix = call.host.kind;
  const lines = call.host.listInstances(null).flatMap((instance) => {
    if (instance.status === 'Stopped') return [];
    const labels = `{name="${instance.name}",project="${instance.project}",type="${instance.type}"}`;
    return `${prefix}_memory_Active_bytes${labels} ${memoryUsage(instance)}`;
  });
  return { kind: 'text', text: `# TYPE ${prefix}_memory_Active_bytes gauge\n${lines.join('\n')}\n# EOF\n` };
}

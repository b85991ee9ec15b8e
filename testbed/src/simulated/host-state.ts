import { EventHub, type Requestor } from './event-hub.ts';
import type { Config, Devices, InstanceRecord } from './instance-record.ts';
import type { SocketSession } from './migration.ts';
import { OperationTable } from './operation.ts';
import { ApiError } from './reply.ts';

/** A profile, network, storage pool or project: the named objects with a configuration. */
export interface NamedObject {
  readonly name: string;
  readonly description: string;
  readonly config: Config;
  /** Profiles only. */
  readonly devices: Devices;
  /** Networks: bridge, loopback, …; pools: the driver; others: empty. */
  readonly type: string;
  /** Networks that LXD does not manage are found on the machine. */
  readonly managed: boolean;
}

export interface ImageRecord {
  readonly fingerprint: string;
  readonly type: 'container' | 'virtual-machine';
  readonly properties: Config;
  readonly size: number;
  readonly public: boolean;
  readonly autoUpdate: boolean;
  readonly cached: boolean;
  readonly createdAtMs: number;
  readonly uploadedAtMs: number;
}

export interface AliasRecord {
  readonly name: string;
  readonly target: string;
  readonly description: string;
}

export interface TrustedCertificate {
  readonly name: string;
  readonly type: string;
  readonly restricted: boolean;
  readonly projects: readonly string[];
  readonly certificate: string;
  readonly fingerprint: string;
}

/** Finds another simulated host of the same fleet by the origin of its URL (`https://127.0.0.1:4711`). */
export type FindPeer = (origin: string) => HostState | undefined;

export interface HostStateOptions {
  readonly kind: 'lxd' | 'incus';
  readonly name: string;
  readonly index: number;
  readonly now: () => number;
  readonly operationMs: number;
  /** Fleet-wide counter for instance ids. */
  readonly nextId: () => number;
  readonly findPeer: FindPeer;
  readonly trustPassword: string;
}

/** Everything one simulated host knows. The routes read and change it; the listener carries it to the network. */
export class HostState {
  readonly kind: 'lxd' | 'incus';
  readonly name: string;
  readonly index: number;
  readonly now: () => number;
  readonly nextId: () => number;
  readonly findPeer: FindPeer;
  /** IPv4 of the NAT bridge up to the last dot, and IPv6 prefix of the LAN up to the interface id. */
  readonly bridgePrefix: string;
  readonly lanPrefix: string;
  readonly bridge: string;
  readonly trustPassword: string;

  serverConfig: Config;
  certificate = { cert: '', fingerprint: '' };
  address = '';
  readonly certificates = new Map<string, TrustedCertificate>();
  readonly projects = new Map<string, NamedObject>();
  readonly profiles = new Map<string, NamedObject>();
  readonly networks = new Map<string, NamedObject>();
  readonly pools = new Map<string, NamedObject>();
  readonly images = new Map<string, ImageRecord>();
  readonly aliases = new Map<string, AliasRecord>();
  /** By project, then by name. */
  readonly instances = new Map<string, Map<string, InstanceRecord>>();
  /** Operations whose sockets wait for somebody, by operation id. */
  readonly sessions = new Map<string, SocketSession>();
  readonly events: EventHub;
  operations: OperationTable;
  readonly #operationMs: number;

  constructor(options: HostStateOptions) {
    this.kind = options.kind;
    this.name = options.name;
    this.index = options.index;
    this.now = options.now;
    this.nextId = options.nextId;
    this.findPeer = options.findPeer;
    this.trustPassword = options.trustPassword;
    this.bridge = options.kind === 'lxd' ? 'lxdbr0' : 'incusbr0';
    this.bridgePrefix = `10.${100 + (options.index >> 8)}.${options.index & 255}.`;
    this.lanPrefix = `2001:db8:${(0x1000 + options.index).toString(16)}:0:`;
    this.serverConfig = { 'core.https_address': ':8443' };
    this.events = new EventHub(options.now);
    this.#operationMs = options.operationMs;
    this.operations = this.#newOperations();
  }

  #newOperations(): OperationTable {
    return new OperationTable({
      now: this.now,
      durationMs: this.#operationMs,
      publish: (project, operation) => this.events.publish('operation', project, operation),
    });
  }

  /** A restarted daemon remembers no operations. */
  forgetOperations(): void {
    this.operations.close();
    this.sessions.clear();
    this.operations = this.#newOperations();
  }

  /** Throws 404 in the words of this kind of server. */
  instance(project: string, name: string): InstanceRecord {
    const found = this.instances.get(project)?.get(name);
    if (found) return found;
    if (this.kind === 'lxd') throw new ApiError(404, 'Instance not found');
    if (!this.projects.has(project)) throw new ApiError(404, 'Project not found');
    throw new ApiError(404, `Failed to fetch instance "${name}" in project "${project}": Instance not found`);
  }

  /** Stores a new record or the changed one in place of the old. */
  put(record: InstanceRecord): void {
    const ofProject = this.instances.get(record.project) ?? new Map<string, InstanceRecord>();
    ofProject.set(record.name, record);
    this.instances.set(record.project, ofProject);
  }

  remove(project: string, name: string): void {
    this.instances.get(project)?.delete(name);
  }

  /** Of one project, or of all when null. */
  listInstances(project: string | null): InstanceRecord[] {
    if (project !== null) return [...(this.instances.get(project)?.values() ?? [])];
    return [...this.instances.values()].flatMap((ofProject) => [...ofProject.values()]);
  }

  /** `/1.0/instances/NAME`, with the project where it is not the default one. */
  instanceUrl(project: string, name: string): string {
    return `/1.0/instances/${name}${projectSuffix(project)}`;
  }

  /** Tells of something that happened to an instance, with the extra fields that Incus gives. */
  tellInstance(
    action: string,
    project: string,
    name: string,
    extra: { context?: Record<string, unknown>; requestor?: Requestor | undefined } = {},
  ): void {
    this.tell(`instance-${action}`, project, this.instanceUrl(project, name), extra, { name, project });
  }

  /** Tells of a change of anything: `source` is its path. */
  tell(
    action: string,
    project: string,
    source: string,
    extra: { context?: Record<string, unknown>; requestor?: Requestor | undefined } = {},
    incusFields: object = {},
  ): void {
    const { context, requestor } = extra;
    this.events.publish('lifecycle', project, {
      action,
      source,
      ...(context === undefined ? {} : { context }),
      ...(requestor === undefined ? {} : { requestor }),
      ...(this.kind === 'incus' ? incusFields : {}),
    });
  }
}

/** Query part that names a project, empty for the default one, as LXD writes its own URLs. */
export function projectSuffix(project: string): string {
  return project === 'default' ? '' : `?project=${encodeURIComponent(project)}`;
}

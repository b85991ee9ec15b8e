import { once } from 'node:events';
import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { ServerCertificate } from './certificate.ts';
import { issueToken } from './certificate-routes.ts';
import type { Fault } from './fault.ts';
import { type HostState, projectSuffix } from './host-state.ts';
import { ownConfig } from './instance-json.ts';
import {
  defaultProfiles,
  type InstanceRecord,
  type InstanceStatus,
  noConfig,
  noDevices,
  noSnapshots,
} from './instance-record.ts';
import { withConfig } from './instance-rules.ts';
import { setState } from './instance-state.ts';
import { createListener, type Manners } from './listener.ts';

/** A change that nobody asked Longshore for; everything left out stays as it is. */
export interface ChangeBehind {
  readonly status?: InstanceStatus;
  /** Keys to set; an empty value takes a key away. */
  readonly config?: Readonly<Record<string, string>>;
  readonly description?: string;
}

export interface SimulatedHostOptions {
  readonly state: HostState;
  readonly latencyMs: number;
  readonly random: () => number;
  readonly certificate: ServerCertificate;
  readonly renew: () => ServerCertificate;
  /** null: none. */
  readonly socketPath: string | null;
}

/** A simulated LXD or Incus host on its own loopback port, with the strings that tests pull. */
export class SimulatedHost {
  readonly name: string;
  readonly kind: 'lxd' | 'incus';
  /** Path of the unix socket, null without one. */
  readonly socketPath: string | null;
  readonly #state: HostState;
  readonly #manners: Manners;
  readonly #renew: () => ServerCertificate;
  readonly #connections = new Set<Socket>();
  #certificate: ServerCertificate;
  #servers: readonly Server[] = [];
  #port = 0;

  constructor(options: SimulatedHostOptions) {
    const { state, latencyMs, random } = options;
    this.name = state.name;
    this.kind = state.kind;
    this.socketPath = options.socketPath;
    this.#state = state;
    this.#manners = { latencyMs, random, fault: null, counts: new Map() };
    this.#renew = options.renew;
    this.#certificate = options.certificate;
  }

  /** `https://127.0.0.1:PORT`; the port stays the same over stop and start. */
  get url(): string {
    return `https://127.0.0.1:${this.#port}`;
  }

  /** SHA-256 of the server's certificate, hex. */
  get fingerprint(): string {
    return this.#certificate.fingerprint;
  }

  /** A one-time trust token, as the host's own command line would print it. */
  token(clientName: string): string {
    return issueToken(this.#state, clientName);
  }

  /** How many instances there are, over all projects. */
  instances(): number {
    return this.#state.listInstances(null).length;
  }

  /** Names of the instances of a project. */
  instanceNames(project = 'default'): string[] {
    return this.#state.listInstances(project).map(({ name }) => name);
  }

  /** Delays every answer from now on. Milliseconds. */
  setLatency(ms: number): void {
    this.#manners.latencyMs = ms;
  }

  /** Misbehaves from now on; null ends it. Requests that hang stay hanging until the host is stopped. */
  fail(fault: Fault | null): void {
    this.#manners.fault = fault;
  }

  /** Event streams stay open and say nothing, not even pongs; what happens meanwhile is lost to them. */
  silenceEvents(silent: boolean): void {
    this.#state.events.silent = silent;
  }

  /** How many event streams are open. */
  eventStreams(): number {
    return this.#state.events.size;
  }

  /** Changes an instance as somebody on the host would, with the events that LXD sends. Throws if it is not there. */
  changeBehind(name: string, change: ChangeBehind, project = 'default'): void {
    const state = this.#state;
    const before = state.instance(project, name);
    if (change.config !== undefined || change.description !== undefined) {
      const { description = before.description } = change;
      const config = Object.entries({ ...ownConfig(state, before), ...change.config });
      const kept = Object.fromEntries(config.filter(([, value]) => value !== ''));
      state.put(withConfig(state, { ...before, description }, kept));
      state.tellInstance('updated', project, name);
    }
    const now = state.instance(project, name);
    if (change.status !== undefined && change.status !== now.status) {
      setState(state, now, change.status, toldOf(now.status, change.status));
    }
  }

  /** Makes an instance behind Longshore's back: stopped, of the image `bb`. */
  createBehind(name: string, project = 'default'): void {
    const state = this.#state;
    const [image = ''] = state.images.keys();
    const record: InstanceRecord = {
      id: state.nextId(),
      name,
      project,
      type: 'container',
      status: 'Stopped',
      description: '',
      ephemeral: false,
      image,
      profiles: defaultProfiles,
      config: noConfig,
      devices: noDevices,
      snapshots: noSnapshots,
      createdAtMs: state.now(),
      lastUsedAtMs: 0,
    };
    state.put(record);
    state.tellInstance('created', project, name, {
      context: { 'storage-pool': 'default', type: 'container' },
    });
  }

  /** Removes an instance, whatever its state. Throws if it is not there. */
  deleteBehind(name: string, project = 'default'): void {
    const state = this.#state;
    const instance = state.instance(project, name);
    if (instance.status !== 'Stopped') setState(state, instance, 'Stopped', 'stopped');
    for (const snapshot of instance.snapshots) {
      const source = `/1.0/instances/${name}/snapshots/${snapshot.name}${projectSuffix(project)}`;
      state.tell('instance-snapshot-deleted', project, source);
    }
    if (state.instances.get(project)?.has(name)) {
      state.remove(project, name);
      state.tellInstance('deleted', project, name);
    }
  }

  /** Takes a client's trust away, as somebody on the host would. */
  distrust(fingerprint: string): void {
    this.#state.certificates.delete(fingerprint);
    this.#state.tell('certificate-deleted', 'default', `/1.0/certificates/${fingerprint}`);
  }

  /** Requests so far, by method and route, for example `GET /1.0/instances/{name}`. */
  requests(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#manners.counts);
  }

  /** Listens again, on the port it had. Does nothing when it listens already. */
  async start(): Promise<void> {
    if (this.#servers.length > 0) return;
    const { cert, key } = this.#certificate;
    const tls = createListener(this.#state, this.#manners, { cert, key });
    await this.#listen(tls, { host: '127.0.0.1', port: this.#port });
    const bound = tls.address();
    if (typeof bound === 'object' && bound !== null) this.#port = bound.port;
    this.#servers = [tls];
    if (this.socketPath !== null) {
      const local = createListener(this.#state, this.#manners, null);
      await this.#listen(local, { path: this.socketPath });
      this.#servers = [tls, local];
    }
    this.#state.address = `127.0.0.1:${this.#port}`;
    this.#state.certificate = { cert, fingerprint: this.fingerprint };
  }

  async #listen(server: Server, where: { host: string; port: number } | { path: string }): Promise<void> {
    server.on('connection', (socket: Socket) => {
      this.#connections.add(socket);
      socket.on('close', () => this.#connections.delete(socket));
    });
    const listening = once(server, 'listening'); // rejects on 'error': the port is taken
    server.listen({ ...where, backlog: 64 });
    await listening;
    server.on('error', () => undefined); // after that, only connections fail, and they tell their own clients
  }

  /** The daemon dies: connections break, operations and tokens are forgotten, instances stay. */
  async stop(): Promise<void> {
    const servers = this.#servers;
    this.#servers = [];
    this.#state.events.close();
    this.#state.forgetOperations();
    const closed = servers.map((server) => once(server, 'close'));
    for (const server of servers) server.close();
    for (const socket of this.#connections) socket.destroy();
    await Promise.all(closed);
  }

  /** Comes back with another certificate, so that pinned clients must refuse it. */
  async renewCertificate(): Promise<void> {
    await this.stop();
    this.#certificate = this.#renew();
    await this.start();
  }
}

/** What LXD calls a change of state that came from inside. */
function toldOf(from: InstanceStatus, to: InstanceStatus): string {
  switch (to) {
    case 'Stopped':
      return 'shutdown';
    case 'Frozen':
      return 'paused';
    case 'Running':
      return from === 'Frozen' ? 'resumed' : 'started';
  }
}

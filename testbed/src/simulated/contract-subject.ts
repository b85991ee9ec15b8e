import assert from 'node:assert/strict';
import {
  createLxdClient,
  type InstanceCreate,
  isLxdError,
  type LxdClient,
  type LxdErrorCode,
  type LxdEvent,
  type OperationRef,
} from '@longshore/lxd';
import { type HostKeys, makeHostKeys, makeServerCertificate } from './certificate.ts';

/** A host, real or simulated, that the contract is tried on. */
export interface ContractHost {
  readonly kind: 'lxd' | 'incus';
  readonly url: string;
  readonly fingerprint: string;
  readonly clientCertificate: { readonly cert: string; readonly key: string };
  /** null where passwords are not known. */
  readonly trustPassword: string | null;
  token(clientName: string): Promise<string>;
}

/** What the suite needs: one host with image `bb` and project `tenant` (which shares images and profiles). */
export interface ContractSubject {
  readonly host: ContractHost;
  /** Another host of the same kind, for moves. */
  readonly peer: ContractHost;
  close(): Promise<void>;
}

/** Generous: real hosts share two cores with other tests. */
export const patienceMs = 60_000;

type Lifecycle = Extract<LxdEvent, { type: 'lifecycle' }>;

/** A client of the host and all the events it hears, for one group of tests. */
export class Trial {
  readonly host: ContractHost;
  readonly client: LxdClient;
  readonly events: LxdEvent[] = [];
  readonly #prefix: string;
  #made = 0;
  #wake = Promise.withResolvers<void>();

  private constructor(host: ContractHost, prefix: string) {
    this.host = host;
    this.#prefix = prefix;
    this.client = clientOf(host);
  }

  /** Opens the event stream too, so that nothing of what follows is missed. */
  static async open(host: ContractHost, prefix: string): Promise<Trial> {
    const trial = new Trial(host, prefix);
    const connected = Promise.withResolvers<void>();
    trial.client.events({
      allProjects: true,
      onConnect: connected.resolve,
      onDisconnect: connected.reject, // matters before the first connection only
      onEvent: (event) => {
        trial.events.push(event);
        trial.#wake.resolve();
        trial.#wake = Promise.withResolvers();
      },
    });
    await connected.promise;
    return trial;
  }

  /** A name that no other test uses. */
  name(): string {
    this.#made += 1;
    return `${this.#prefix}${this.#made}`;
  }

  async done(started: Promise<OperationRef>): Promise<void> {
    await this.client.operations.wait(await started, { timeoutMs: patienceMs });
  }

  /** Makes an instance of the image `bb` (or of what `body` says) and returns its name. */
  async make(body: Partial<InstanceCreate> = {}, project?: string): Promise<string> {
    const name = this.name();
    const full: InstanceCreate = { name, source: { type: 'image', alias: 'bb' }, ...body };
    await this.done(this.client.instances.create(full, { project }));
    return name;
  }

  /** The actions told of an instance (and its snapshots), in their order. */
  actions(name: string): string[] {
    return this.#told(name).map((event) => event.metadata.action);
  }

  /** Waits until this was told of the instance; returns that event. */
  async told(action: string, name: string): Promise<Lifecycle> {
    const find = () => this.#told(name).find((event) => event.metadata.action === action);
    await this.until(`${action} of ${name}`, () => find() !== undefined);
    const event = find();
    assert.ok(event);
    return event;
  }

  #told(name: string): Lifecycle[] {
    const pattern = new RegExp(`^/1\\.0/instances/${name}(?:[/?]|$)`);
    return this.events
      .filter((event) => event.type === 'lifecycle')
      .filter((event) => pattern.test(event.metadata.source));
  }

  /** Waits until something holds that events bring about. */
  async until(what: string, holds: () => boolean): Promise<void> {
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(() => late.reject(new Error(`waited in vain for ${what}`)), patienceMs);
    try {
      while (!holds()) await Promise.race([this.#wake.promise, late.promise]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Removes what the tests made, running or not. */
  async close(): Promise<void> {
    const left = await this.client.instances.list({ allProjects: true, recursion: 1 });
    for (const { name, project, status } of left.filter((one) => one.name.startsWith(this.#prefix))) {
      if (status !== 'Stopped') {
        await this.done(this.client.instances.setState(name, { action: 'stop', force: true }, { project }));
      }
      await this.done(this.client.instances.delete(name, { project }));
    }
    await this.client.close();
  }
}

/** The host's client with the trusted certificate. */
export function clientOf(host: ContractHost): LxdClient {
  const { url, fingerprint, clientCertificate } = host;
  return createLxdClient({ kind: 'https', url, fingerprint, clientCertificate });
}

let strangerKeys: Promise<HostKeys> | null = null;

/** A client that the host has never seen. The caller closes it. */
export async function strangerOf(host: ContractHost): Promise<LxdClient> {
  strangerKeys ??= makeHostKeys(Date.now());
  const { url, fingerprint } = host;
  const serial = Number.parseInt(crypto.randomUUID().slice(0, 7), 16);
  const clientCertificate = makeServerCertificate(await strangerKeys, serial);
  return createLxdClient({ kind: 'https', url, fingerprint, clientCertificate });
}

/** Asserts that the call is refused with one of these codes, and with words that match. */
export async function refused(
  call: Promise<unknown>,
  codes: LxdErrorCode | readonly LxdErrorCode[],
  words: RegExp = /./,
): Promise<void> {
  await assert.rejects(call, (error) => {
    assert.ok(isLxdError(error), `not an LxdError: ${String(error)}`);
    assert.ok(
      [codes].flat().includes(error.code),
      `${error.code} is not ${[codes].flat().join(' or ')}: ${error.message}`,
    );
    assert.match(error.message, words);
    return true;
  });
}

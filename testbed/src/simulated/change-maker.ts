import { mix } from './instance-record.ts';
import type { SimulatedHost } from './simulated-host.ts';

/** A change that was made on a host, and how it can be recognised. */
export interface MadeChange {
  readonly seq: number;
  readonly host: string;
  readonly instance: string;
  /** Milliseconds since 1970. */
  readonly atMs: number;
  readonly kind: 'config' | 'status';
  /** Config: new value of `user.change`. Status: the new status. */
  readonly value: string;
}

export interface ChangeOrder {
  readonly perSecond: number;
  readonly seconds: number;
  /** `config` sets `user.change` to the change's number; `status` starts or stops. Default `config`. */
  readonly kind?: 'config' | 'status' | undefined;
  /** Only on the first so many hosts. Default: all. */
  readonly hosts?: number | undefined;
}

/** Log of this many changes at most, so that a long run does not fill the memory. */
const maxLogged = 100_000;

/** Often enough that the changes come evenly, seldom enough to cost nothing. */
const tickMs = 20;

/** Makes changes behind Longshore's back at a steady rate, on instances of the `default` project. */
export class ChangeMaker {
  readonly #hosts: readonly SimulatedHost[];
  readonly #now: () => number;
  readonly #stopped = new Map<string, boolean>();
  #made: MadeChange[] = [];
  #seq = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(hosts: readonly SimulatedHost[], now: () => number) {
    this.#hosts = hosts;
    this.#now = now;
  }

  /** Begins, in place of what was going on. */
  start(order: ChangeOrder): void {
    this.stop();
    const hosts = this.#hosts.slice(0, order.hosts ?? this.#hosts.length);
    const startedMs = this.#now();
    const wanted = Math.round(order.perSecond * order.seconds);
    let done = 0;
    this.#timer = setInterval(() => {
      const due = Math.min(wanted, Math.floor(((this.#now() - startedMs) / 1000) * order.perSecond));
      for (; done < due; done++) this.#change(hosts, order.kind ?? 'config');
      if (done >= wanted) this.stop();
    }, tickMs);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  get running(): boolean {
    return this.#timer !== undefined;
  }

  /** Those with a greater number, in their order. */
  since(seq: number): readonly MadeChange[] {
    return this.#made.filter((change) => change.seq > seq);
  }

  #change(hosts: readonly SimulatedHost[], kind: 'config' | 'status'): void {
    const seq = ++this.#seq;
    const host = hosts[mix(seq, 1) % hosts.length];
    const names = host?.instanceNames() ?? [];
    const instance = names[mix(seq, 2) % names.length];
    if (!host || instance === undefined) return;
    const key = `${host.name} ${instance}`;
    const value = kind === 'config' ? String(seq) : this.#stopped.get(key) ? 'Running' : 'Stopped';
    this.#made.push({ seq, host: host.name, instance, atMs: this.#now(), kind, value });
    if (kind === 'config') host.changeBehind(instance, { config: { 'user.change': value } });
    else {
      this.#stopped.set(key, value === 'Stopped');
      host.changeBehind(instance, { status: value === 'Stopped' ? 'Stopped' : 'Running' });
    }
    if (this.#made.length > maxLogged) this.#made = this.#made.slice(-maxLogged / 2);
  }
}

import type { WebSocket } from 'ws';

/** What happened, in LXD's words, for example `instance-started`. */
export interface LifecycleEvent {
  readonly action: string;
  readonly source: string;
  readonly context?: Readonly<Record<string, unknown>>;
  readonly requestor?: Requestor;
}

/** Who asked, as LXD tells it in lifecycle events. */
export interface Requestor {
  readonly username: string;
  readonly protocol: string;
  readonly address: string;
}

/** Event types that can be subscribed to (LXD doc/events.md). */
export const eventTypes = ['logging', 'operation', 'lifecycle', 'network-acl'] as const;

interface Subscriber {
  readonly socket: WebSocket;
  readonly types: ReadonlySet<string>;
  /** null: all projects. */
  readonly project: string | null;
}

/** The open `/1.0/events` sockets of one host. */
export class EventHub {
  readonly #subscribers = new Set<Subscriber>();
  readonly #now: () => number;
  /** While set, sockets stay open and say nothing, not even a pong: a cable that was cut. */
  silent = false;

  constructor(now: () => number) {
    this.#now = now;
  }

  subscribe(socket: WebSocket, types: ReadonlySet<string>, project: string | null): void {
    const subscriber: Subscriber = { socket, types, project };
    this.#subscribers.add(subscriber);
    socket.on('close', () => this.#subscribers.delete(subscriber));
    // the other side's resets and protocol errors end in 'close'; nothing else is to be done about them here
    socket.on('error', () => socket.terminate());
    socket.on('ping', (data) => {
      if (!this.silent) socket.pong(data);
    });
  }

  publish(type: 'operation' | 'lifecycle', project: string, metadata: object): void {
    if (this.silent || this.#subscribers.size === 0) return;
    let text: string | null = null;
    for (const { socket, types, project: wanted } of this.#subscribers) {
      if (!types.has(type) || (wanted !== null && wanted !== project)) continue;
      const timestamp = new Date(this.#now()).toISOString();
      text ??= JSON.stringify({ type, timestamp, metadata, location: 'none', project });
      socket.send(text);
    }
  }

  /** Cuts every stream without a closing handshake, as a dying daemon does. */
  close(): void {
    for (const { socket } of this.#subscribers) socket.terminate();
    this.#subscribers.clear();
  }

  /** How many streams are open. */
  get size(): number {
    return this.#subscribers.size;
  }
}

/** One instance by its place on a host. */
export type Place = { readonly lxdProject: string; readonly name: string };

/** Does the reads that events ask for: each instance once for any number of events, few at a time. */
export type Rereads = {
  /** Reads the instance soon. Resolves when a read that began after this call has been written. */
  want(place: Place): Promise<void>;
  /** Reads all instances soon; likewise. */
  wantAll(): Promise<void>;
  /** Places waiting or being read. */
  readonly waiting: number;
  /** Nothing is read any more; what is waiting resolves. */
  close(): void;
};

export type RereadsOptions = {
  readOne(place: Place): Promise<void>;
  readAll(): Promise<void>;
  /** A read failed. The session ends over it, and begins with a full read: nothing is lost. */
  onFailure(error: unknown): void;
  /**
   * How long to wait for more events of the same change. A start sends three within 10 ms; 25 ms of waiting are
   * below what a person or the freshness promise (150 ms) notices.
   */
  readonly windowMs?: number;
  /** Reads of one instance at a time; the host has other work. */
  readonly inFlight?: number;
  /** From this many waiting places on, one list is cheaper (LXD: 5 ms for each running instance either way, but one call). */
  readonly burst?: number;
};

type Waiting = { readonly place: Place; readonly done: (() => void)[] };

/** Makes the queue of one host. Reads of all and of single instances never overlap, so that none undoes the other. */
export function createRereads(options: RereadsOptions): Rereads {
  const { windowMs = 25, inFlight = 4, burst = 16 } = options;
  const pending = new Map<string, Waiting>();
  const running = new Map<string, Waiting>();
  let all: (() => void)[] | undefined;
  let allRunning = false;
  let timer: NodeJS.Timeout | undefined;
  let closed = false;

  const schedule = (): void => {
    if (closed || timer !== undefined) return;
    timer = setTimeout(() => {
      timer = undefined;
      pump();
    }, windowMs);
  };

  const finish = (done: readonly (() => void)[], error?: unknown): void => {
    for (const each of done) each();
    if (closed) return;
    if (error !== undefined) options.onFailure(error);
    pump();
  };

  const startAll = (): void => {
    const done = [...(all ?? []), ...[...pending.values()].flatMap((one) => one.done)];
    all = undefined;
    pending.clear();
    allRunning = true;
    options.readAll().then(
      () => {
        allRunning = false;
        finish(done);
      },
      (error: unknown) => {
        allRunning = false;
        finish(done, error ?? new Error('the read failed'));
      },
    );
  };

  const startOne = (key: string, one: Waiting): void => {
    pending.delete(key);
    running.set(key, one);
    options.readOne(one.place).then(
      () => {
        running.delete(key);
        finish(one.done);
      },
      (error: unknown) => {
        running.delete(key);
        finish(one.done, error ?? new Error('the read failed'));
      },
    );
  };

  const pump = (): void => {
    if (closed || timer !== undefined || allRunning) return;
    if (pending.size >= burst) all ??= [];
    if (all !== undefined) {
      if (running.size === 0) startAll();
      return;
    }
    for (const [key, one] of pending) {
      if (running.size >= inFlight) return;
      if (!running.has(key)) startOne(key, one); // one being read now is read again when that ends
    }
  };

  return {
    want(place) {
      if (closed) return Promise.resolve();
      const { promise, resolve } = Promise.withResolvers<void>();
      const key = `${place.lxdProject}\n${place.name}`;
      const known = pending.get(key);
      if (known === undefined) pending.set(key, { place, done: [resolve] });
      else known.done.push(resolve);
      schedule();
      return promise;
    },
    wantAll() {
      if (closed) return Promise.resolve();
      const { promise, resolve } = Promise.withResolvers<void>();
      all ??= [];
      all.push(resolve);
      schedule();
      return promise;
    },
    get waiting() {
      return pending.size + running.size + (all === undefined && !allRunning ? 0 : 1);
    },
    close() {
      closed = true;
      clearTimeout(timer);
      for (const one of pending.values()) for (const done of one.done) done();
      for (const done of all ?? []) done();
      pending.clear();
      all = undefined;
    },
  };
}

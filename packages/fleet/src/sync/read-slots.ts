/** Lets few full reads run at once in a process: each holds a host's whole reply in memory while it is parsed. */
export type ReadSlots = {
  /** Runs `work` when a slot is free. */
  run<T>(work: () => Promise<T>): Promise<T>;
  readonly waiting: number;
};

/** Makes slots. `lendMs`: after this a slot counts as free again while its work goes on. */
export function createReadSlots(slots = 12, lendMs = 3_000): ReadSlots {
  // A host that is silent in the middle of a read holds no memory; it must not hold up the others either. A busy
  // host of 100 instances takes half a second.
  const queue: (() => void)[] = [];
  let taken = 0;

  const free = (): void => {
    const next = queue.shift();
    if (next === undefined) taken -= 1;
    else next(); // the slot passes on
  };

  return {
    async run(work) {
      if (taken < slots) taken += 1;
      else {
        await new Promise<void>((resolve) => {
          queue.push(resolve);
        });
      }
      let held = true;
      const giveBack = (): void => {
        if (!held) return;
        held = false;
        free();
      };
      const timer = setTimeout(giveBack, lendMs);
      try {
        return await work();
      } finally {
        clearTimeout(timer);
        giveBack();
      }
    },
    get waiting() {
      return queue.length;
    },
  };
}

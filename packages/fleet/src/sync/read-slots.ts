/** Lets few things of a kind run at once in a process, the others in the order in which they came. */
export type ReadSlots = {
  /** Runs `work` when a slot is free. */
  run<T>(work: () => Promise<T>): Promise<T>;
  readonly waiting: number;
};

/** Makes slots. `lendMs`: after this a slot counts as free again while its work goes on; without it, never. */
export function createReadSlots(slots: number, lendMs?: number): ReadSlots {
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
      const timer = lendMs === undefined ? undefined : setTimeout(giveBack, lendMs);
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

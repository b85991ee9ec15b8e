/** How many checks passed, failed and were skipped; a skip is never silent, so each carries its reason. */
export type Counts = { passed: number; failed: number; skipped: number };

export const NO_COUNTS: Readonly<Counts> = { passed: 0, failed: 0, skipped: 0 };

/** Adds counts up. */
export function sum(all: readonly Readonly<Counts>[]): Counts {
  return all.reduce<Counts>(
    (total, one) => ({
      passed: total.passed + one.passed,
      failed: total.failed + one.failed,
      skipped: total.skipped + one.skipped,
    }),
    { ...NO_COUNTS },
  );
}

/** The closing line of a run, the form that CI reads. */
export function closingLine(counts: Readonly<Counts>): string {
  return `${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`;
}

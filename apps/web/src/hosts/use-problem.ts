import { LongshoreError } from '@longshore/contract';
import { useState } from 'react';

/** Tries something and keeps what went wrong, to be shown where it was asked for. Faults of ours are thrown on. */
export function useProblem() {
  const [problem, setProblem] = useState<LongshoreError | null>(null);
  const [busy, setBusy] = useState(false);
  const attempt = async (work: () => Promise<void>) => {
    setBusy(true);
    setProblem(null);
    try {
      await work();
    } catch (error) {
      if (!(error instanceof LongshoreError)) throw error;
      setProblem(error);
    } finally {
      setBusy(false);
    }
  };
  return { problem, busy, attempt };
}

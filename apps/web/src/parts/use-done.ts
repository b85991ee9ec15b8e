import type { LongshoreError } from '@longshore/contract';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useChange } from '../operations/use-change.ts';
import { t } from '../texts/texts.ts';
import { type FieldErrors, fieldErrors } from './field-errors.ts';
import { toastSuccess } from './toasts.ts';

export type Done = Readonly<{
  /**
   * Asks for a change that is made at once, says so, and reads anew what is kept under the keys; answers whether it was
   * made. `quiet`: the page shows it by itself. `inForm`: errors go to `errors` and not to a toast.
   */
  done(
    title: string,
    keys: readonly string[],
    send: () => Promise<{ value: unknown }>,
    options?: Readonly<{ quiet?: boolean; inForm?: boolean }>,
  ): Promise<boolean>;
  asking: boolean;
  /** What was wrong with the form that was sent last. */
  errors: FieldErrors;
}>;

/** For changes without an operation: of people, projects, tokens and settings. */
export function useDone(): Done {
  const queries = useQueryClient();
  const { ask, asking } = useChange();
  const [error, setError] = useState<LongshoreError | null>(null);
  return {
    asking,
    errors: fieldErrors(error),
    async done(title, keys, send, { quiet = false, inForm = false } = {}) {
      setError(null);
      if (!(await (inForm ? ask(title, send, setError) : ask(title, send)))) return false;
      if (!quiet) toastSuccess(title, t.operations.done);
      await Promise.all(keys.map((key) => queries.invalidateQueries({ queryKey: [key] })));
      return true;
    },
  };
}

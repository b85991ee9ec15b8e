import { useRouter } from '@tanstack/react-router';
import { Fragment, type ReactNode, useMemo, useState } from 'react';
import { type Change, useChange } from '../operations/use-change.ts';

/** What an action is given to act with. */
export type ActionContext = Readonly<{
  /** Asks the server; tells by toasts what becomes of it. */
  ask: Change['ask'];
  /** Opens a page of ours, such as `/instances/1?tab=snapshots`. */
  go(path: string): void;
  /** Shows a dialog until it closes itself. */
  show(dialog: (close: () => void) => ReactNode): void;
}>;

/** The context for actions, and the place where their dialogs appear, which the caller has to draw. */
export function useActionContext(): Readonly<{ context: ActionContext; dialog: ReactNode }> {
  const { ask } = useChange();
  const { history } = useRouter();
  const [dialog, setDialog] = useState<ReactNode>(null);
  const context = useMemo<ActionContext>(
    () => ({
      ask,
      go: (path) => history.push(`/ui${path}`),
      show: (make) => setDialog(<Fragment key={Date.now()}>{make(() => setDialog(null))}</Fragment>),
    }),
    [ask, history],
  );
  return { context, dialog };
}

import { Checkbox } from '@mantine/core';
import { useState } from 'react';
import { ConfirmDialog } from '../parts/ConfirmDialog.tsx';
import { t } from '../texts/texts.ts';

type Props = Readonly<{
  action: 'stop' | 'restart';
  name: string;
  close: () => void;
  run: (force: boolean) => void;
}>;

/** Asks before an instance is stopped or restarted, and whether its power may be cut. */
export function PowerDialog({ action, name, close, run }: Props) {
  const [force, setForce] = useState(false);
  return (
    <ConfirmDialog
      title={t.power.ask(action, name)}
      text={t.power.askText}
      confirm={t.power.verbs[action]}
      danger={force}
      close={close}
      run={() => run(force)}
    >
      <Checkbox
        label={t.power.force}
        checked={force}
        onChange={(event) => setForce(event.currentTarget.checked)}
      />
    </ConfirmDialog>
  );
}

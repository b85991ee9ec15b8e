import { IconPlayerPlay, IconPlayerStop, IconReload } from '@tabler/icons-react';
import { type InstanceFacts, whyNotInstance } from '../permissions/why-not.ts';
import { t } from '../texts/texts.ts';
import classes from './InstanceTable.module.css';
import type { InstanceRow } from './match-filter.ts';

/** What a row offers. */
export type RowPower = 'start' | 'stop' | 'restart' | 'unfreeze';

const ICONS = {
  start: <IconPlayerPlay size={16} />,
  unfreeze: <IconPlayerPlay size={16} />,
  stop: <IconPlayerStop size={16} />,
  restart: <IconReload size={16} />,
} as const;

type Props = Readonly<{
  row: InstanceRow;
  facts: InstanceFacts;
  power: (action: RowPower, row: InstanceRow) => void;
}>;

/** What one mostly wants of an instance, in plain buttons without a state of their own. */
export function RowActions({ row, facts, power }: Props) {
  const first = row.status === 'stopped' ? 'start' : row.status === 'frozen' ? 'unfreeze' : 'stop';
  return (['restart', first] as const).toReversed().map((action) => {
    const reason = whyNotInstance(action, facts);
    const label = t.power.verbs[action];
    return (
      <button
        key={action}
        type="button"
        className={classes.action}
        aria-disabled={reason !== null}
        aria-label={reason === null ? label : `${label}: ${reason}`}
        title={reason ?? label}
        onClick={() => reason === null && power(action, row)}
      >
        {ICONS[action]}
      </button>
    );
  });
}

import type { HostStatus, InstanceStatus, OperationStatus } from '@longshore/contract';
import type { MantineColor } from '@mantine/core';
import { t } from '../texts/texts.ts';
import classes from './StatusBadge.module.css';

type Status = HostStatus | InstanceStatus | OperationStatus;

const COLORS: Readonly<Record<Status, MantineColor>> = {
  online: 'green.7',
  connecting: 'blue.6',
  unreachable: 'red.7',
  quarantined: 'orange.6',
  running: 'green.7',
  stopped: 'gray.5',
  frozen: 'blue.6',
  starting: 'cyan.6',
  stopping: 'cyan.6',
  pending: 'cyan.6',
  error: 'red.7',
  unknown: 'yellow.6',
  missing: 'red.7',
  queued: 'gray.5',
  cancelling: 'orange.6',
  succeeded: 'green.7',
  failed: 'red.7',
  cancelled: 'gray.5',
};

/** The colour of a state, the same everywhere. */
export function statusColor(status: Status): MantineColor {
  return COLORS[status];
}

/** The same as a CSS value. */
export function statusCss(status: Status): string {
  return `var(--mantine-color-${COLORS[status].replace('.', '-')})`;
}

/** A state as a word beside a dot: never by colour alone. Plain elements, for tables have thousands of them. */
export function StatusBadge({ status }: Readonly<{ status: Status }>) {
  return (
    <span className={classes.badge}>
      <span className={classes.dot} style={{ background: statusCss(status) }} />
      {t.status[status]}
    </span>
  );
}

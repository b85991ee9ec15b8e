import type { HostStatus, InstanceStatus, OperationStatus } from '@longshore/contract';
import { Badge, type MantineColor } from '@mantine/core';
import { t } from '../texts/texts.ts';

type Status = HostStatus | InstanceStatus | OperationStatus;

const COLORS: Readonly<Record<Status, MantineColor>> = {
  online: 'green',
  connecting: 'blue',
  unreachable: 'red',
  quarantined: 'orange',
  running: 'green',
  stopped: 'gray',
  frozen: 'blue',
  starting: 'cyan',
  stopping: 'cyan',
  pending: 'cyan',
  error: 'red',
  unknown: 'yellow',
  missing: 'red',
  queued: 'gray',
  cancelling: 'orange',
  succeeded: 'green',
  failed: 'red',
  cancelled: 'gray',
};

/** The colour of a state, the same everywhere. */
export function statusColor(status: Status): MantineColor {
  return COLORS[status];
}

/** A state as a word beside a dot: never by colour alone. */
export function StatusBadge({ status }: Readonly<{ status: Status }>) {
  return (
    <Badge variant="dot" color={COLORS[status]} tt="none" fw={500}>
      {t.status[status]}
    </Badge>
  );
}

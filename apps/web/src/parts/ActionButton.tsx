import { ActionIcon, Button, type MantineColor, type MantineSize, Tooltip } from '@mantine/core';
import type { MouseEvent, ReactNode } from 'react';

type Props = Readonly<{
  label: string;
  /** Why it is not possible now; null when it is. */
  reason: string | null;
  run: () => void;
  icon?: ReactNode;
  /** Only the icon, for rows of tables. */
  compact?: boolean;
  color?: MantineColor;
  variant?: 'filled' | 'default' | 'light' | 'subtle' | 'outline';
  size?: MantineSize;
  loading?: boolean;
}>;

/**
 * A button that says why it is off. It is off by `aria-disabled` and not by `disabled`, so that the keyboard reaches it and
 * the reason is read out.
 */
export function ActionButton({
  label,
  reason,
  run,
  icon,
  compact = false,
  color,
  variant = 'default',
  size = 'sm',
  loading,
}: Props) {
  const off = reason !== null;
  const onClick = (event: MouseEvent) => {
    event.stopPropagation();
    if (!off) run();
  };
  const shared = {
    onClick,
    size,
    'aria-disabled': off,
    ...(off ? { 'data-disabled': true } : {}),
    ...(color === undefined ? {} : { color }),
    ...(loading === undefined ? {} : { loading }),
  };
  if (compact) {
    // In rows by the hundred a tooltip of our own would be felt while scrolling.
    return (
      <ActionIcon
        {...shared}
        variant={variant === 'default' ? 'subtle' : variant}
        aria-label={off ? `${label}: ${reason}` : label}
        title={reason ?? label}
      >
        {icon}
      </ActionIcon>
    );
  }
  return (
    <Tooltip
      label={reason}
      disabled={!off}
      multiline
      maw={280}
      events={{ hover: true, focus: true, touch: true }}
    >
      <Button
        {...shared}
        variant={variant}
        leftSection={icon}
        {...(off ? { 'aria-label': `${label}: ${reason}` } : {})}
      >
        {label}
      </Button>
    </Tooltip>
  );
}

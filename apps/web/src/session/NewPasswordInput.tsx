import { PasswordInput, Progress, Stack, Text } from '@mantine/core';
import { t } from '../texts/texts.ts';
import { type PasswordHint, passwordHint } from './password-hint.ts';

const STEPS: Readonly<Record<PasswordHint['kind'], readonly [percent: number, color: string]>> = {
  'too-short': [15, 'red.7'],
  'too-long': [15, 'red.7'],
  repeats: [30, 'orange.7'],
  known: [30, 'orange.7'],
  'names-you': [30, 'orange.7'],
  fair: [70, 'yellow.7'],
  good: [100, 'green.7'],
};

/** A password to be set, with what is to be said of it while it is typed. */
export function NewPasswordInput({
  label,
  value,
  change,
  names,
  error,
}: Readonly<{
  label: string;
  value: string;
  change: (password: string) => void;
  /** Names of the person, which are no good part of it. */
  names: readonly string[];
  error?: string | undefined;
}>) {
  const hint = passwordHint(value, names);
  const [percent, color] = STEPS[hint.kind];
  return (
    <Stack gap={6}>
      <PasswordInput
        label={label}
        value={value}
        onChange={(event) => change(event.currentTarget.value)}
        error={error}
        autoComplete="new-password"
        aria-describedby="password-hint"
        visibilityToggleButtonProps={{ 'aria-label': t.login.showPassword }}
        required
      />
      {value !== '' && <Progress value={percent} color={color} size="xs" aria-hidden />}
      <Text id="password-hint" size="xs" c="dimmed" aria-live="polite">
        {value === ''
          ? t.password.rule
          : hint.kind === 'too-short'
            ? t.password.missing(hint.missing)
            : t.password[hint.kind]}
      </Text>
    </Stack>
  );
}

import { Text } from '@mantine/core';
import { ageText } from './age-text.ts';
import { useNow } from './use-now.ts';

/** How long ago something was; the exact moment on hover. */
export function Age({ of, old = false }: Readonly<{ of: string | null; old?: boolean }>) {
  const now = useNow();
  return (
    <Text span size="sm" {...(old ? { c: 'var(--longshore-warn)', fw: 600 } : {})} title={of ?? undefined}>
      {ageText(of, now)}
    </Text>
  );
}

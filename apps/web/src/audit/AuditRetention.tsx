import { Card, Group, NumberInput, Stack, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { ActionButton } from '../parts/ActionButton.tsx';
import { Read } from '../parts/QueryStates.tsx';
import { useDone } from '../parts/use-done.ts';
import { whyNotPermitted } from '../permissions/why-not.ts';
import { client } from '../session/client.ts';
import { useSession } from '../session/session.ts';
import { t } from '../texts/texts.ts';
import { auditSettingsQuery } from './audit-queries.ts';

const MIN_DAYS = 30;

/** How long the audit log is kept. */
export function AuditRetention() {
  const query = useQuery(auditSettingsQuery);
  return (
    <Card withBorder maw={640}>
      <Title order={2} size="h5" mb="xs">
        {t.audit.keep}
      </Title>
      <Read query={query}>{({ keepDays }) => <Form key={keepDays} keepDays={keepDays} />}</Read>
    </Card>
  );
}

function Form({ keepDays }: Readonly<{ keepDays: number }>) {
  const { permissions } = useSession();
  const { done, asking, errors } = useDone();
  const [days, setDays] = useState(keepDays);
  const reason =
    whyNotPermitted('audit:write', permissions) ??
    (days < MIN_DAYS ? t.audit.atLeast(MIN_DAYS) : days === keepDays ? t.configuration.unchanged : null);
  const save = () =>
    void done(
      t.audit.keep,
      ['audit-settings'],
      () => client.call('updateAuditSettings', { body: { keepDays: days } }),
      { inForm: true },
    );
  return (
    <Stack>
      <Text size="sm">{t.audit.keepText}</Text>
      <NumberInput
        label={t.audit.days}
        value={days}
        onChange={(value) => setDays(Number(value) || 0)}
        error={errors.at('keepDays') ?? errors.rest}
        min={MIN_DAYS}
        allowDecimal={false}
        hideControls
      />
      <Group>
        <ActionButton label={t.hosts.save} loading={asking} reason={reason} run={save} />
      </Group>
    </Stack>
  );
}

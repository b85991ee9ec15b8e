import { Alert, List, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { CopyBlock } from '../parts/CopyBlock.tsx';
import { Read } from '../parts/QueryStates.tsx';
import { client } from '../session/client.ts';
import { t } from '../texts/texts.ts';

/** Asks the provider now, and shows what it said. */
export function ProviderTest({ id }: Readonly<{ id: string }>) {
  const query = useQuery({
    queryKey: ['identity-provider-test', id],
    queryFn: async () => (await client.call('testIdentityProvider', { params: { id }, body: {} })).value,
    gcTime: 0,
  });
  return (
    <Read query={query}>
      {({ ok, failure, warnings, callbackUrl }) => (
        <Alert
          color={ok ? (warnings.length === 0 ? 'green' : 'orange') : 'red'}
          variant="outline"
          role="status"
          title={ok ? t.settings.works : t.settings.worksNot}
        >
          {failure !== null && <Text size="sm">{failure}</Text>}
          {warnings.length > 0 && (
            <List size="sm">
              {warnings.map((warning) => (
                <List.Item key={warning}>{warning}</List.Item>
              ))}
            </List>
          )}
          {callbackUrl !== null && (
            <>
              <Text size="sm" mt="xs">
                {t.settings.callback}
              </Text>
              <CopyBlock label={t.settings.callback} text={callbackUrl} />
            </>
          )}
        </Alert>
      )}
    </Read>
  );
}

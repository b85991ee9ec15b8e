import { Anchor, Card, Stack, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { serverQuery } from '../live/fleet-queries.ts';
import { CopyBlock } from '../parts/CopyBlock.tsx';
import { Facts } from '../parts/Facts.tsx';
import { Read } from '../parts/QueryStates.tsx';
import { t } from '../texts/texts.ts';

/** What runs here. */
export function ServerTab() {
  const query = useQuery(serverQuery);
  return (
    <Read query={query}>
      {(server) => (
        <Stack maw={760}>
          <Card withBorder>
            <Facts
              facts={[
                [t.settings.version, server.version],
                [t.settings.installation, server.installationId],
                [
                  t.settings.api,
                  <Anchor key="api" href="/docs" size="sm">
                    /docs
                  </Anchor>,
                ],
              ]}
            />
          </Card>
          <Card withBorder>
            <Title order={2} size="h5" mb="xs">
              {t.enrol.certificate}
            </Title>
            <Text size="sm" mb="sm">
              {t.settings.certificateText}
            </Text>
            <Stack>
              <CopyBlock label={t.enrol.fingerprint} text={server.clientCertificate.fingerprint} />
              <CopyBlock label={t.enrol.certificate} text={server.clientCertificate.pem} />
            </Stack>
          </Card>
        </Stack>
      )}
    </Read>
  );
}

import { Scope } from '@longshore/contract';
import { Group, MultiSelect, Text } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { projectsQuery } from '../live/fleet-queries.ts';
import { ActionButton } from '../parts/ActionButton.tsx';
import { Read } from '../parts/QueryStates.tsx';
import { useDone } from '../parts/use-done.ts';
import { myTokensQuery } from '../profile/profile-queries.ts';
import { client } from '../session/client.ts';
import { permittedSomewhere, useSession } from '../session/session.ts';
import { t } from '../texts/texts.ts';
import { TokenForm } from './TokenForm.tsx';
import { TokenTable } from './TokenTable.tsx';

/** The own tokens: each does what its person may do at the time of use, and no more than its scopes. */
export function OwnTokens() {
  const { me } = useSession();
  const { done } = useDone();
  const query = useQuery({ ...myTokensQuery, enabled: me.person !== null });
  const [isCreating, setCreating] = useState(false);
  if (me.person === null) return <Text size="sm">{t.profile.noPerson}</Text>;
  return (
    <>
      <Group justify="space-between" mb="sm">
        <Text size="sm" c="dimmed">
          {t.tokens.ownText}
        </Text>
        <ActionButton
          label={t.tokens.create}
          icon={<IconPlus size={16} />}
          variant="filled"
          reason={null}
          run={() => setCreating(true)}
        />
      </Group>
      <Read query={query}>
        {({ items }) => (
          <TokenTable
            tokens={items}
            denied={null}
            revokeText={t.tokens.revokeText}
            revoke={(token) =>
              void done(t.tokens.revoking(token.name), ['my-tokens'], () =>
                client.call('revokeMyToken', { params: { id: token.id } }),
              )
            }
          />
        )}
      </Read>
      {isCreating && <CreateDialog close={() => setCreating(false)} />}
    </>
  );
}

function CreateDialog({ close }: Readonly<{ close: () => void }>) {
  const { access } = useSession();
  const seesProjects = permittedSomewhere(access, 'projects:read');
  const names = useQuery({ ...projectsQuery, enabled: seesProjects }).data?.items ?? [];
  const [scopes, setScopes] = useState<string[]>(['*']);
  const [projects, setProjects] = useState<string[]>([]);
  return (
    <TokenForm
      reason={scopes.length === 0 ? t.tokens.needsScopes : null}
      stale="my-tokens"
      close={close}
      send={(named) =>
        client.call('createMyToken', {
          body: { ...named, scopes, projects: projects.length === 0 ? null : projects },
        })
      }
    >
      {(errorAt) => (
        <>
          <MultiSelect
            label={t.tokens.scopes}
            description={t.tokens.scopesHint}
            data={Scope.options}
            value={scopes}
            onChange={setScopes}
            error={errorAt('scopes')}
            searchable
            required
          />
          {names.length > 0 && (
            <MultiSelect
              label={t.tokens.projects}
              description={t.tokens.projectsHint}
              data={names.map(({ name }) => name)}
              value={projects}
              onChange={setProjects}
              error={errorAt('projects')}
              searchable
              clearable
            />
          )}
        </>
      )}
    </TokenForm>
  );
}

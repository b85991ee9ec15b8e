import { Scope } from '@longshore/contract';
import { MultiSelect, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { projectsQuery } from '../live/fleet-queries.ts';
import { myTokensQuery } from '../profile/profile-queries.ts';
import { client } from '../session/client.ts';
import { permittedSomewhere, useSession } from '../session/session.ts';
import { t } from '../texts/texts.ts';
import { TokenForm } from './TokenForm.tsx';
import { TokenSection } from './TokenSection.tsx';

/** The own tokens: each does what its person may do at the time of use, and no more than its scopes. */
export function OwnTokens() {
  const { me } = useSession();
  const query = useQuery({ ...myTokensQuery, enabled: me.person !== null });
  if (me.person === null) return <Text size="sm">{t.profile.noPerson}</Text>;
  return (
    <TokenSection
      text={t.tokens.ownText}
      query={query}
      denied={null}
      revokeText={t.tokens.revokeText}
      revoke={(id) => client.call('revokeMyToken', { params: { id } })}
      stale={['my-tokens']}
      create={(close) => <CreateDialog close={close} />}
    />
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

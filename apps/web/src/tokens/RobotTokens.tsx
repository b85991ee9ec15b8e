import { PERMISSIONS, Scope, scopesPermit } from '@longshore/contract';
import { Group, MultiSelect, SegmentedControl, Select, Text } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { projectsQuery, tokensQuery } from '../live/fleet-queries.ts';
import { ActionButton } from '../parts/ActionButton.tsx';
import { Read } from '../parts/QueryStates.tsx';
import { useDone } from '../parts/use-done.ts';
import { whyNotPermitted } from '../permissions/why-not.ts';
import { client } from '../session/client.ts';
import { useSession } from '../session/session.ts';
import { t } from '../texts/texts.ts';
import { PART_ROLE_NAMES, type PartRoleName } from './part-roles.ts';
import { TokenForm } from './TokenForm.tsx';
import { TokenTable } from './TokenTable.tsx';

/** Tokens of robots: they belong to nobody, and have scopes on the fleet or roles in projects. */
export function RobotTokens() {
  const { permissions } = useSession();
  const { done } = useDone();
  const query = useQuery(tokensQuery);
  const [isCreating, setCreating] = useState(false);
  const denied = whyNotPermitted('tokens:write', permissions);
  return (
    <>
      <Group justify="space-between" mb="sm">
        <Text size="sm" c="dimmed">
          {t.tokens.robotsText}
        </Text>
        <ActionButton
          label={t.tokens.create}
          icon={<IconPlus size={16} />}
          variant="filled"
          reason={denied}
          run={() => setCreating(true)}
        />
      </Group>
      <Read query={query}>
        {({ items }) => (
          <TokenTable
            tokens={items}
            denied={denied}
            revokeText={t.tokens.revokeText}
            revoke={(token) =>
              void done(t.tokens.revoking(token.name), ['tokens'], () =>
                client.call('revokeToken', { params: { id: token.id } }),
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
  const { permissions } = useSession();
  const projects = useQuery(projectsQuery).data?.items ?? [];
  const [where, setWhere] = useState<'fleet' | 'projects'>('fleet');
  const [scopes, setScopes] = useState<string[]>([]);
  const [chosen, setChosen] = useState<string[]>([]);
  const [role, setRole] = useState<PartRoleName>('operator');
  // A token can do no more than who makes it.
  const offered = Scope.options.filter((scope) =>
    PERMISSIONS.every((permission) => !scopesPermit([scope], permission) || permissions.includes(permission)),
  );
  const onFleet = where === 'fleet';
  const reason = onFleet
    ? scopes.length === 0
      ? t.tokens.needsScopes
      : null
    : chosen.length === 0
      ? t.tokens.needsProjects
      : null;
  return (
    <TokenForm
      reason={reason}
      stale="tokens"
      close={close}
      send={(named) =>
        client.call('createToken', {
          body: onFleet
            ? { ...named, scopes }
            : { ...named, roles: chosen.map((project) => ({ project, role })) },
        })
      }
    >
      {(errorAt) => (
        <>
          <SegmentedControl
            aria-label={t.roles.where}
            value={where}
            onChange={(value) => setWhere(value === 'projects' ? 'projects' : 'fleet')}
            data={[
              { value: 'fleet', label: t.roles.places.fleet },
              { value: 'projects', label: t.shell.projects },
            ]}
          />
          {onFleet ? (
            <MultiSelect
              label={t.tokens.scopes}
              data={offered}
              value={scopes}
              onChange={setScopes}
              error={errorAt('scopes')}
              searchable
              required
            />
          ) : (
            <>
              <MultiSelect
                label={t.shell.projects}
                data={projects.map(({ name }) => name)}
                value={chosen}
                onChange={setChosen}
                error={errorAt('roles')}
                searchable
                required
              />
              <Select
                label={t.roles.role}
                data={PART_ROLE_NAMES.map((value) => ({ value, label: t.roles.names[value] }))}
                value={role}
                onChange={(value) => setRole(PART_ROLE_NAMES.find((each) => each === value) ?? 'operator')}
                allowDeselect={false}
              />
            </>
          )}
        </>
      )}
    </TokenForm>
  );
}

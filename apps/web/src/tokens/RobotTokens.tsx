import { PERMISSIONS, Scope, scopesPermit } from '@longshore/contract';
import { MultiSelect, SegmentedControl, Select } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { projectsQuery, tokensQuery } from '../live/fleet-queries.ts';
import { whyNotPermitted } from '../permissions/why-not.ts';
import { client } from '../session/client.ts';
import { useSession } from '../session/session.ts';
import { t } from '../texts/texts.ts';
import { PART_ROLE_NAMES, type PartRoleName } from './part-roles.ts';
import { TokenForm } from './TokenForm.tsx';
import { TokenSection } from './TokenSection.tsx';

/** Tokens of robots: they belong to nobody, and have scopes on the fleet or roles in projects. */
export function RobotTokens() {
  const { permissions } = useSession();
  return (
    <TokenSection
      text={t.tokens.robotsText}
      query={useQuery(tokensQuery)}
      denied={whyNotPermitted('tokens:write', permissions)}
      revokeText={t.tokens.revokeText}
      revoke={(id) => client.call('revokeToken', { params: { id } })}
      stale={['tokens']}
      create={(close) => <CreateDialog close={close} />}
    />
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

import { IconPlus } from '@tabler/icons-react';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { ActionButton } from '../parts/ActionButton.tsx';
import { PageHeader } from '../parts/PageHeader.tsx';
import { ResourceTabs } from '../parts/ResourceTabs.tsx';
import { whyNotPermitted } from '../permissions/why-not.ts';
import { useSession } from '../session/session.ts';
import { t } from '../texts/texts.ts';
import { CreatePersonDialog } from './CreatePersonDialog.tsx';
import { PeopleTable } from './PeopleTable.tsx';
import { RolesTable } from './RolesTable.tsx';

const route = getRouteApi('/people');

/** The people of the installation, and who has which role where. */
export function PeoplePage() {
  const { tab } = route.useSearch();
  const navigate = useNavigate({ from: '/people' });
  const { permissions } = useSession();
  const [isCreating, setCreating] = useState(false);
  return (
    <>
      <PageHeader title={t.shell.people}>
        <ActionButton
          label={t.people.create}
          icon={<IconPlus size={16} />}
          variant="filled"
          reason={whyNotPermitted('people:write', permissions)}
          run={() => setCreating(true)}
        />
      </PageHeader>
      <ResourceTabs
        open={tab}
        change={(next) => void navigate({ search: { tab: next }, replace: true })}
        tabs={[
          { id: 'people', label: t.shell.people, content: () => <PeopleTable /> },
          { id: 'roles', label: t.roles.title, content: () => <RolesTable /> },
        ]}
      />
      {isCreating && <CreatePersonDialog close={() => setCreating(false)} />}
    </>
  );
}

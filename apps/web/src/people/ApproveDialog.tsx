import type { Person } from '@longshore/contract';
import { Checkbox, Text } from '@mantine/core';
import { useState } from 'react';
import { FormDialog } from '../parts/FormDialog.tsx';
import { useDone } from '../parts/use-done.ts';
import { whyNotPermitted } from '../permissions/why-not.ts';
import { client } from '../session/client.ts';
import { useSession } from '../session/session.ts';
import { t } from '../texts/texts.ts';
import { RoleInput } from './RoleInput.tsx';
import { FIRST_CHOICE, scopeOf } from './role-choice.ts';

/** Lets a person in, with a first role where one is wanted. */
export function ApproveDialog({ person, close }: Readonly<{ person: Person; close: () => void }>) {
  const { permissions } = useSession();
  const { done, asking, errors } = useDone();
  const mayGive = whyNotPermitted('roles:write', permissions) === null;
  const [withRole, setWithRole] = useState(mayGive);
  const [choice, setChoice] = useState(FIRST_CHOICE);
  const [isApproved, setApproved] = useState(false);
  const approve = async () => {
    const params = { id: person.id };
    const title = t.people.approving(person.name);
    // The role first would do as well; a person who is in without one is told so, and the form stays open.
    if (!isApproved) {
      const call = () => client.call('approvePerson', { params, body: {} });
      if (!(await done(title, ['people'], call, { inForm: true, quiet: withRole }))) return;
      setApproved(true);
    }
    if (withRole) {
      const body = {
        subject: { kind: 'person' as const, name: person.id },
        role: choice.role,
        scope: scopeOf(choice),
      };
      const call = () => client.call('createBinding', { body });
      if (!(await done(title, ['bindings'], call, { inForm: true }))) return;
    }
    close();
  };
  const needsName = withRole && choice.place !== 'fleet' && choice.name.trim() === '';
  return (
    <FormDialog
      title={t.people.approving(person.name)}
      submit={t.people.approve}
      reason={needsName ? t.roles.needsPlace : null}
      failure={errors.rest}
      asking={asking}
      close={close}
      run={() => void approve()}
    >
      <Text size="sm">{t.people.approveText(person.displayName, person.email ?? '')}</Text>
      {mayGive && (
        <Checkbox
          label={t.people.withRole}
          checked={withRole}
          onChange={(event) => setWithRole(event.currentTarget.checked)}
        />
      )}
      {withRole && <RoleInput choice={choice} change={setChoice} error={errors.at('scope')} />}
    </FormDialog>
  );
}

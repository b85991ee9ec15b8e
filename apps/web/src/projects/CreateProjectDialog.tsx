import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { FormDialog } from '../parts/FormDialog.tsx';
import { useDone } from '../parts/use-done.ts';
import { client } from '../session/client.ts';
import { t } from '../texts/texts.ts';
import { ProjectFields } from './ProjectFields.tsx';
import { EMPTY_FORM, projectOf } from './project-form.ts';

/** Makes a project, and shows it. */
export function CreateProjectDialog({ close }: Readonly<{ close: () => void }>) {
  const navigate = useNavigate();
  const { done, asking, errors } = useDone();
  const [form, setForm] = useState(EMPTY_FORM);
  const create = async () => {
    const body = projectOf(form);
    const call = () => client.call('createProject', { body });
    if (!(await done(t.projects.creating(body.name), ['projects'], call, { inForm: true }))) return;
    close();
    await navigate({ to: '/projects/$id', params: { id: body.name } });
  };
  return (
    <FormDialog
      title={t.projects.create}
      submit={t.projects.create}
      reason={form.name.trim() === '' ? t.projects.needsName : null}
      failure={errors.rest}
      asking={asking}
      close={close}
      run={() => void create()}
    >
      <ProjectFields form={form} change={setForm} errorAt={errors.at} />
    </FormDialog>
  );
}

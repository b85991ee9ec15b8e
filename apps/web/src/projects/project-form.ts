import type { Project, ProjectCreation } from '@longshore/contract';

const GIB = 1024 ** 3;

/** Settings of a project as a form holds them; an empty text is no limit. Memory and disk in GiB, lifetimes in days. */
export type ProjectForm = Readonly<{
  name: string;
  description: string;
  instances: string;
  cpu: string;
  memoryGib: string;
  diskGib: string;
  defaultDays: string;
  maxDays: string;
}>;

export const EMPTY_FORM: ProjectForm = {
  name: '',
  description: '',
  instances: '',
  cpu: '',
  memoryGib: '',
  diskGib: '',
  defaultDays: '',
  maxDays: '',
};

/** The form of a project that exists. */
export function formOf(project: Project): ProjectForm {
  const text = (value: number | null) => (value === null ? '' : String(value));
  const gib = (bytes: number | null) =>
    bytes === null ? '' : String(Math.round((bytes / GIB) * 1000) / 1000);
  return {
    name: project.name,
    description: project.description,
    instances: text(project.quota.instances),
    cpu: text(project.quota.cpu),
    memoryGib: gib(project.quota.memoryBytes),
    diskGib: gib(project.quota.diskBytes),
    defaultDays: text(project.defaultLifetimeDays),
    maxDays: text(project.maxLifetimeDays),
  };
}

/** What the form asks for. */
export function projectOf(form: ProjectForm): Required<ProjectCreation> {
  const whole = (text: string) => (text === '' ? null : Math.round(Number(text)));
  const bytes = (text: string) => (text === '' ? null : Math.round(Number(text) * GIB));
  return {
    name: form.name.trim(),
    description: form.description,
    quota: {
      instances: whole(form.instances),
      cpu: whole(form.cpu),
      memoryBytes: bytes(form.memoryGib),
      diskBytes: bytes(form.diskGib),
    },
    defaultLifetimeDays: whole(form.defaultDays),
    maxLifetimeDays: whole(form.maxDays),
  };
}

/** Only what the form changes, so that two people who change different things do not undo each other. */
export function changesOf(form: ProjectForm, project: Project): Partial<Required<ProjectCreation>> {
  const [now, before] = [projectOf(form), projectOf(formOf(project))];
  const changed = Object.entries(now).filter(
    ([key, value]) =>
      JSON.stringify(value) !== JSON.stringify(Object.entries(before).find(([k]) => k === key)?.[1]),
  );
  return Object.fromEntries(changed);
}

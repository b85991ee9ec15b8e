import { InstanceCreation, LongshoreError } from '@longshore/contract';
import { labelsOfTags } from '../parts/label-tags.ts';
import type { PlacementChoice } from '../parts/placement-choice.ts';
import { placementOf } from '../parts/placement-choice.ts';
import type { CreationBody } from './equivalent-call.ts';

/** The form as it is typed. */
export type CreationForm = Readonly<{
  name: string;
  type: 'container' | 'virtual-machine';
  image: string;
  server: string;
  protocol: 'simplestreams' | 'lxd';
  placement: PlacementChoice;
  cpu: string;
  memory: string;
  disk: string;
  profiles: readonly string[];
  userData: string;
  tags: readonly string[];
  description: string;
  project: string;
  lxdProject: string;
  ephemeral: boolean;
  protected: boolean;
  start: boolean;
}>;

export const EMPTY_FORM: CreationForm = {
  name: '',
  type: 'container',
  image: '',
  server: '',
  protocol: 'simplestreams',
  placement: { by: 'auto', host: '', tags: [] },
  cpu: '',
  memory: '',
  disk: '',
  profiles: ['default'],
  userData: '',
  tags: [],
  description: '',
  project: '',
  lxdProject: 'default',
  ephemeral: false,
  protected: false,
  start: true,
};

/** The request that the form means: what was left empty is left out, so that the server's own values hold. */
export function bodyOf(form: CreationForm): CreationBody {
  const { cpu, memory, disk } = form;
  const limits = { ...(cpu && { cpu }), ...(memory && { memory }), ...(disk && { disk }) };
  const placement = placementOf(form.placement);
  const { labels } = labelsOfTags(form.tags);
  return {
    name: form.name,
    source: {
      image: form.image,
      ...(form.server === '' ? {} : { server: form.server, protocol: form.protocol }),
    },
    ...(form.type === 'container' ? {} : { type: form.type }),
    ...(Object.keys(placement).length === 0 ? {} : { placement }),
    ...(Object.keys(limits).length === 0 ? {} : { limits }),
    ...(form.profiles.length === 1 && form.profiles[0] === 'default' ? {} : { profiles: [...form.profiles] }),
    ...(form.userData.trim() === '' ? {} : { cloudInit: { userData: form.userData } }),
    ...(Object.keys(labels).length === 0 ? {} : { labels }),
    ...(form.description === '' ? {} : { description: form.description }),
    ...(form.project === '' ? {} : { project: form.project }),
    ...(form.lxdProject === 'default' ? {} : { lxdProject: form.lxdProject }),
    ...(form.ephemeral ? { ephemeral: true } : {}),
    ...(form.protected ? { protected: true } : {}),
    ...(form.start ? {} : { start: false }),
  };
}

/** What the contract says is wrong with the form, in the shape of the server's answer; null when nothing is. */
export function formError(body: CreationBody, message: string): LongshoreError | null {
  const parsed = InstanceCreation.safeParse(body);
  if (parsed.success) return null;
  const fields = parsed.error.issues.map((issue) => ({ path: issue.path.join('.'), message: issue.message }));
  return new LongshoreError('bad-request', message, { fields });
}

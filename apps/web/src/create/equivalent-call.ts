import type { CallInput, Routes } from '@longshore/contract';

/** What the API takes to make an instance. */
export type CreationBody = NonNullable<CallInput<Routes['createInstance']>['body']>;

/** The command that does the same as the form. What has no option of its own goes by `--config`. */
export function commandLine(body: CreationBody): string {
  const words = ['longshore', body.start === false ? 'create' : 'launch', body.source.image, body.name];
  const option = (name: string, value: string | undefined) => {
    if (value !== undefined && value !== '') words.push(name, value);
  };
  const pairs = (name: string, record: Readonly<Record<string, string>> | undefined) => {
    for (const [key, value] of Object.entries(record ?? {})) words.push(name, `${key}=${value}`);
  };
  option('--host', body.placement?.host);
  pairs('--host-label', body.placement?.labels);
  if (body.type === 'virtual-machine') words.push('--vm');
  option('--cpu', body.limits?.cpu);
  option('--memory', body.limits?.memory);
  option('--disk', body.limits?.disk);
  pairs('--config', body.config);
  for (const profile of body.profiles ?? [])
    if (profile !== 'default' || body.profiles?.length !== 1) option('--profile', profile);
  if (body.profiles?.length === 0) words.push('--no-profiles');
  if (body.cloudInit?.userData !== undefined) option('--cloud-init', 'user-data.yaml');
  option('--image-server', body.source.server);
  option('--image-protocol', body.source.protocol);
  pairs('--label', body.labels);
  option('--description', body.description);
  option('--project', body.project);
  if (body.lxdProject !== 'default') option('--lxd-project', body.lxdProject);
  if (body.ephemeral === true) words.push('--ephemeral');
  if (body.protected === true) words.push('--protect');
  return words.map(quote).join(' ');
}

/** User data beyond this would hide the rest of the request. Characters. */
const SHOWN_CHARACTERS = 2000;

/** The request that does the same as the form, for a shell; of long user data only the beginning. */
export function apiCall(origin: string, whole: CreationBody, shortened: (more: number) => string): string {
  const userData = whole.cloudInit?.userData ?? '';
  const more = userData.length - SHOWN_CHARACTERS;
  const shown = `${userData.slice(0, SHOWN_CHARACTERS)}\n${shortened(more)}`;
  const body = more <= 0 ? whole : { ...whole, cloudInit: { ...whole.cloudInit, userData: shown } };
  return [
    `curl -X POST ${quote(`${origin}/v1/instances`)}`,
    `-H "authorization: Bearer $LONGSHORE_TOKEN"`,
    `-H 'content-type: application/json'`,
    `-d ${quote(JSON.stringify(body, null, 2))}`,
  ].join(' \\\n  ');
}

/** A word for a POSIX shell. */
function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

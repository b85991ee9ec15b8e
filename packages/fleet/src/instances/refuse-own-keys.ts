import { LongshoreError } from '@longshore/contract';

/** Keys by which Longshore recognises its instances on hosts. */
const OWN_PREFIX = 'user.longshore.';

/** @throws LongshoreError `bad-request` when a person's configuration has one of our own keys */
export function refuseOwnKeys(config: Readonly<Record<string, unknown>> | undefined): void {
  const key = Object.keys(config ?? {}).find((each) => each.startsWith(OWN_PREFIX));
  if (key === undefined) return;
  throw new LongshoreError('bad-request', `The configuration key ${key} is Longshore's own.`, {
    hint: 'Longshore recognises its instances by it; use another key.',
    fields: [{ path: `config.${key}`, message: 'is reserved' }],
  });
}

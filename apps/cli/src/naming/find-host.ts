import type { Host } from '@longshore/contract';
import { CliError } from '../cli-error.ts';
import { collectPages } from '../collect-pages.ts';
import type { Run } from '../run.ts';
import { isId } from './find-instances.ts';

/**
 * Finds a host by name or identifier.
 * @throws CliError `not-found`
 */
export async function findHost(run: Run, name: string): Promise<Host> {
  if (isId(name)) return (await run.call('getHost', { params: { id: name } })).value;
  if (/^[a-zA-Z0-9._-]{1,63}$/.test(name)) {
    const { value } = await run.call('listHosts', { query: { filter: `name:${name}`, limit: 2 } });
    const found = value.items.find((host) => host.name === name);
    if (found !== undefined) return found;
  }
  throw new CliError('not-found', `There is no host "${name}".`, { hint: 'See `longshore host list`.' });
}

/** Names of all hosts by identifier, for lists that carry identifiers only. */
export async function hostNames(run: Run): Promise<(id: string | null) => string> {
  const { items } = await collectPages(undefined, async (page) => {
    const { value } = await run.call('listHosts', { query: page });
    return value;
  });
  const names = new Map(items.map((host) => [host.id, host.name]));
  return (id) => (id === null ? '' : (names.get(id) ?? id));
}

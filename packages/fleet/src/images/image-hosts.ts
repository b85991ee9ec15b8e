import { LongshoreError } from '@longshore/contract';
import { type Database, sql, type Transaction } from '@longshore/store';
import '../hosts/hosts-table.ts';

/** A host by the name that people know. */
export type NamedHost = Readonly<{ id: string; name: string }>;

/**
 * Hosts by names or identifiers, each once, in the given order.
 *
 * @throws LongshoreError `not-found`, naming all that are not there; `host-in-maintenance`
 */
export async function hostsNamed(
  trx: Transaction<Database>,
  wanted: readonly string[],
): Promise<readonly NamedHost[]> {
  const rows = await trx
    .selectFrom('hosts')
    .select(['id', 'name', 'maintenance'])
    .where('removing', '=', false)
    .where(sql<boolean>`(name = ANY(${wanted}) OR id::text = ANY(${wanted}))`)
    .execute();
  const found = wanted.map((name) => rows.find((row) => row.name === name || row.id === name.toLowerCase()));
  const unknown = wanted.filter((_, index) => found[index] === undefined);
  if (unknown.length > 0) {
    throw new LongshoreError('not-found', `There is no host ${unknown.slice(0, 10).join(', ')}.`);
  }
  const hosts = found.filter((row) => row !== undefined);
  const closed = hosts.filter((row) => row.maintenance);
  if (closed.length > 0) {
    const names = closed.map((row) => row.name).join(', ');
    throw new LongshoreError('host-in-maintenance', `In maintenance: ${names}.`, {
      hint: 'Leave these hosts out, or end their maintenance.',
    });
  }
  return [...new Map(hosts.map(({ id, name }) => [id, { id, name }])).values()];
}

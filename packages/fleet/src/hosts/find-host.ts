import { LongshoreError } from '@longshore/contract';
import type { Query } from '@longshore/store';
import type { HostRow } from './hosts-table.ts';

/** A host's row. @throws LongshoreError `not-found` */
export async function findHost(query: Query, id: string): Promise<HostRow> {
  const host = await query.selectFrom('hosts').selectAll().where('id', '=', id).executeTakeFirst();
  if (host === undefined) throw new LongshoreError('not-found', `There is no host ${id}.`);
  return host;
}

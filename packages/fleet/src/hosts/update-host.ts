import { type Host, HostPatch, LongshoreError } from '@longshore/contract';
import { sql } from '@longshore/store';
import type { FleetContext } from '../fleet-context.ts';
import type { Requester } from '../operations/accept.ts';
import { nameTaken } from './enrol-host.ts';
import { findHost } from './find-host.ts';
import { readHost } from './read-hosts.ts';

/**
 * Changes what a person says of a host: name, labels, maintenance. The host itself is not asked.
 *
 * @param input.revision the revision that the change is meant for; null for any
 * @throws LongshoreError `not-found`, `precondition-failed`, `name-taken`
 */
export function updateHost(
  context: FleetContext,
  input: { readonly id: string; readonly patch: HostPatch; readonly revision: number | null },
  requester: Requester,
): Promise<Host> {
  const patch = HostPatch.parse(input.patch);
  return context.store.transaction(async (trx) => {
    await sql`SELECT FROM hosts WHERE id = ${input.id} FOR UPDATE`.execute(trx);
    const host = await findHost(trx, input.id);
    if (input.revision !== null && host.revision !== input.revision) {
      throw new LongshoreError('precondition-failed', `Host ${host.name} was changed meanwhile.`, {
        hint: 'Read it again, and repeat the change on the new state.',
      });
    }
    if (patch.name !== undefined && patch.name !== host.name) {
      const taken = await trx
        .selectFrom('hosts')
        .select('id')
        .where('name', '=', patch.name)
        .executeTakeFirst();
      if (taken !== undefined) throw nameTaken(patch.name);
    }
    await trx
      .updateTable('hosts')
      .set({
        revision: host.revision + 1,
        ...(patch.name === undefined ? {} : { name: patch.name }),
        ...(patch.labels === undefined ? {} : { labels: JSON.stringify(patch.labels) }),
        ...(patch.maintenance === undefined ? {} : { maintenance: patch.maintenance }),
      })
      .where('id', '=', input.id)
      .execute();
    context.log.info(
      { host: host.name, by: requester.name, changed: Object.keys(patch) },
      'a host was changed',
    );
    const target = { kind: 'host', id: input.id, name: patch.name ?? host.name } as const;
    await requester.witness?.(trx, { target, operationId: null });
    return readHost(trx, input.id);
  });
}

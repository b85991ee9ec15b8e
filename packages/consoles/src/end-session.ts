import { LongshoreError } from '@longshore/contract';
import { type Store, sql } from '@longshore/store';

/** Who a session belongs to, and where. @throws LongshoreError `not-found` */
export async function sessionOwner(
  store: Store,
  id: string,
): Promise<Readonly<{ whoId: string; instanceId: string }>> {
  const { rows } = await sql<{ who_id: string; instance_id: string }>`
    SELECT who ->> 'id' AS who_id, instance_id FROM console_sessions WHERE id = ${id}`.execute(store.db);
  const [row] = rows;
  if (row === undefined) {
    throw new LongshoreError('not-found', `There is no console session ${id}.`, {
      hint: 'It may have ended meanwhile.',
    });
  }
  return { whoId: row.who_id, instanceId: row.instance_id };
}

/** Has a session ended by the proxy that carries it, at once. @param by shown to its user */
export async function endSession(store: Store, id: string, by: string): Promise<void> {
  await sql`UPDATE console_sessions SET ending = 'kicked', ending_by = ${by} WHERE id = ${id}`.execute(
    store.db,
  );
}

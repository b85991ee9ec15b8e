import { LongshoreError } from '@longshore/contract';
import type { Query } from '@longshore/store';

/** What tells one server from another. */
export type ServerMarks = {
  readonly url: string;
  readonly fingerprint: string | null;
  readonly serverUuid?: string | null;
};

/**
 * Refuses a server that is in the fleet, under whatever address.
 * @throws LongshoreError `already-enrolled`
 */
export async function refuseEnrolled(query: Query, marks: ServerMarks, exceptId?: string): Promise<void> {
  const known = await enrolledAs(query, marks, exceptId);
  if (known === undefined) return;
  throw new LongshoreError(
    'already-enrolled',
    `The server at ${marks.url} is already in the fleet: host ${known.name}.`,
    {
      hint: 'Use that host. To enrol it anew, remove it first.',
    },
  );
}

/** The host of the fleet that is this server, if any. */
export async function enrolledAs(
  query: Query,
  marks: ServerMarks,
  exceptId?: string,
): Promise<{ id: string; name: string } | undefined> {
  const identities = [marks.fingerprint, marks.serverUuid ?? null].filter((one) => one !== null);
  let hosts = query
    .selectFrom('hosts')
    .select(['id', 'name'])
    .where((where) =>
      where.or([
        where('url', '=', marks.url),
        ...(identities.length === 0
          ? []
          : [where('fingerprint', 'in', identities), where('server_uuid', 'in', identities)]),
      ]),
    );
  if (exceptId !== undefined) hosts = hosts.where('id', '<>', exceptId);
  return hosts.executeTakeFirst();
}

import { type Query, sql } from '@longshore/store';

/**
 * Gives a person the roles that are mapped to the groups, named `PROVIDER:GROUP`, and takes back those that earlier
 * groups gave; roles given directly stay. A pending person who gets a role thereby needs no approval any more.
 */
export async function applyGroupRoles(
  query: Query,
  personId: string,
  groups: readonly string[],
): Promise<void> {
  // Only what differs is written: a change of bindings ends the person's open event streams.
  await sql`
    DELETE FROM bindings own WHERE subject_kind = 'person' AND subject = ${personId} AND source = 'group'
      AND NOT EXISTS (SELECT FROM bindings g WHERE g.subject_kind = 'group' AND g.subject = ANY (${[...groups]}::text[])
        AND (g.role, g.scope_kind, g.scope) = (own.role, own.scope_kind, own.scope))`.execute(query);
  await sql`
    INSERT INTO bindings (id, subject_kind, subject, role, scope_kind, scope, source)
    SELECT gen_random_uuid(), 'person', ${personId}, given.role, given.scope_kind, given.scope, 'group'
    FROM (SELECT DISTINCT role, scope_kind, scope FROM bindings
      WHERE subject_kind = 'group' AND subject = ANY (${[...groups]}::text[])) AS given
    ON CONFLICT DO NOTHING`.execute(query);
  await sql`
    UPDATE people SET status = 'active', approved_by = 'group of the identity provider'
    WHERE id = ${personId}::uuid AND status = 'pending'
      AND EXISTS (SELECT FROM bindings WHERE subject_kind = 'person' AND subject = ${personId} AND source = 'group')`.execute(
    query,
  );
}

/** The groups of a person, named `PROVIDER:GROUP`, as the providers told last. */
export async function groupsOf(query: Query, personId: string): Promise<readonly string[]> {
  const { rows } = await sql<{ name: string }>`
    SELECT DISTINCT p.name || ':' || g AS name FROM provider_accounts a
    JOIN identity_providers p ON p.id = a.provider_id, unnest(a.groups) AS g
    WHERE a.person_id = ${personId}::uuid ORDER BY 1`.execute(query);
  return rows.map(({ name }) => name);
}

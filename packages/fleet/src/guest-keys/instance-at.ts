import { type RawBuilder, type SqlBool, sql } from '@longshore/store';
import type { GuestKeysPlace } from './guest-key.ts';

/** Condition on instances, whose table must be called `i`: they are at one of these places. */
export function instanceAtAnyOf(places: readonly GuestKeysPlace[]): RawBuilder<SqlBool> {
  const of = (kind: GuestKeysPlace['kind']) => [
    ...new Set(places.filter((place) => place.kind === kind).map(({ scope }) => scope)),
  ];
  const [ids, projects, hosts] = [of('instance'), of('project'), of('host')];
  const parts: RawBuilder<SqlBool>[] = [
    ...(of('fleet').length > 0 ? [sql<SqlBool>`true`] : []),
    ...(ids.length > 0 ? [sql<SqlBool>`i.id = ANY (${ids}::uuid[])`] : []),
    ...(projects.length > 0 ? [sql<SqlBool>`i.project_id = ANY (${projects}::uuid[])`] : []),
    ...(hosts.length > 0 ? [sql<SqlBool>`i.host_id = ANY (${hosts}::uuid[])`] : []),
    ...of('label').map((label) => {
      const at = label.indexOf('=');
      return sql<SqlBool>`i.labels @> ${JSON.stringify({ [label.slice(0, at)]: label.slice(at + 1) })}::jsonb`;
    }),
  ];
  return parts.length === 0 ? sql<SqlBool>`false` : sql<SqlBool>`(${sql.join(parts, sql` OR `)})`;
}

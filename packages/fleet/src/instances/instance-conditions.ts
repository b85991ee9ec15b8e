import { INSTANCE_FILTERS } from '@longshore/contract';
import { type SqlBool, sql } from '@longshore/store';
import {
  booleanCondition,
  type Condition,
  type FieldCondition,
  filterConditions,
  labelCondition,
  likePattern,
  textCondition,
  wordCondition,
} from '../lists/filter-sql.ts';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** What each field of the filter looks at. The table is called `i` in the statement. */
const FIELDS: Readonly<Record<(typeof INSTANCE_FILTERS)[number], FieldCondition>> = {
  name: textCondition(sql`i.name`),
  host: (value) =>
    sql<SqlBool>`i.host_id IN (SELECT id FROM hosts WHERE ${textCondition(sql`hosts.name`)(value)}
      ${UUID.test(value) ? sql`OR id = ${value}::uuid` : sql``})`,
  status: textCondition(sql`i.status`),
  type: (value) => textCondition(sql`i.type`)(value === 'vm' ? 'virtual-machine' : value),
  project: (value) =>
    sql<SqlBool>`i.project_id IN (SELECT id FROM projects WHERE ${textCondition(sql`projects.name`)(value)}
      ${UUID.test(value) ? sql`OR id = ${value}::uuid` : sql``})`,
  lxdproject: textCondition(sql`i.lxd_project`),
  label: labelCondition(sql`i.labels`),
  claimed: booleanCondition(sql`i.claimed`),
  protected: booleanCondition(sql`i.protected`),
  address: (value) =>
    value.includes('*')
      ? sql<SqlBool>`EXISTS (SELECT FROM jsonb_array_elements(i.addresses) AS a
          WHERE a ->> 'address' LIKE ${likePattern(value)})`
      : sql<SqlBool>`i.addresses @> ${JSON.stringify([{ address: value.toLowerCase() }])}::jsonb`,
  image: textCondition(sql`i.image`),
  id: (value) =>
    UUID.test(value) ? sql<SqlBool>`i.id = ${value}::uuid` : textCondition(sql`i.id::text`)(value),
};

/**
 * The conditions of a filter on instances; the table must be called `i`.
 *
 * @throws LongshoreError `bad-filter`
 */
export function instanceConditions(filter: string | undefined): readonly Condition[] {
  return filterConditions(filter, INSTANCE_FILTERS, FIELDS, wordCondition(sql`i.name`));
}

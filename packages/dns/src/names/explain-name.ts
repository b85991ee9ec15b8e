import type { DnsExplanation } from '@longshore/contract';
import type { Reach } from '@longshore/fleet';
import { type Query, type SqlBool, sql } from '@longshore/store';
import { z } from 'zod';
import { typeName } from '../wire/record-types.ts';
import { readNames } from './list-names.ts';

const ZoneRow = z.object({
  id: z.string(),
  name: z.string(),
  project_id: z.string().nullable(),
  visible: z.enum(['all', 'public']),
  networks: z.array(z.string()),
  keep_stopped: z.boolean(),
});
type ZoneRow = z.infer<typeof ZoneRow>;

const InstanceRow = z.object({
  id: z.string(),
  name: z.string(),
  status: z.string(),
  project: z.string().nullable(),
  zone: z.string().nullable(),
  holds: z.boolean(),
  addresses: z.array(
    z.object({ address: z.string(), device: z.string(), usable: z.boolean(), shown: z.boolean() }),
  ),
});

/**
 * What is answered to a question, and why, out of what is published: the same rules as the server's, in words.
 *
 * @param reach what who asks may see: the rest is as if it were not ours
 */
export async function explainName(
  query: Query,
  question: Readonly<{ name: string; type: string }>,
  reach: Reach,
): Promise<DnsExplanation> {
  const name = question.name.toLowerCase().replace(/\.$/, '').replaceAll('\0', '');
  const { type } = question;
  const zone = await findZone(query, name, reach);
  if (zone === null) {
    return {
      name,
      type,
      outcome: 'not-ours',
      zone: null,
      records: [],
      reasons: [
        'It lies in no zone that Longshore answers for, or in none that you may see. Such questions are refused.',
      ],
    };
  }
  const owner = name === zone.name ? '' : name.slice(0, -(zone.name.length + 1));
  const reasons = [`It lies in the zone ${zone.name}.`];
  const at = async (label: string) =>
    (
      await readNames(query, [sql<SqlBool>`p.zone_id = ${zone.id}::uuid AND p.owner = ${label}`], {
        limit: 200,
      })
    ).map((each) => each.name);
  const explained = (
    outcome: DnsExplanation['outcome'],
    records: DnsExplanation['records'],
  ): DnsExplanation => ({
    name,
    type,
    outcome,
    zone: zone.name,
    records,
    reasons,
  });
  const labels = owner === '' ? [] : owner.split('.');
  for (let n = labels.length - 1; n >= 0; n -= 1) {
    const above = labels.slice(n).join('.');
    const servers = (await at(above)).filter((record) => record.type === 'NS');
    if (servers.length === 0) continue;
    reasons.push(`${above}.${zone.name} is delegated to other name servers, which answer for it.`);
    return explained('delegated', servers);
  }
  let here = await at(owner);
  if (here.length === 0 && !(await hasNamesBelow(query, zone.id, owner))) {
    const source = await findWildcard(query, zone.id, labels);
    if (source !== null) {
      reasons.push(`Nothing is called so; the wildcard ${source}.${zone.name} stands in for it.`);
      here = await at(source);
    }
  }
  reasons.push(...(await instanceReasons(query, zone, owner)), ...(await hiddenReasons(query, zone, owner)));
  const answers = here.filter((record) => record.type === type || type === 'ANY');
  if (answers.length > 0) return explained('answered', answers);
  const alias = here.filter((record) => record.type === 'CNAME');
  if (alias.length > 0) {
    reasons.push(`It is an alias of ${alias[0]?.value ?? ''}; ask about that name next.`);
    return explained('alias', alias);
  }
  if (here.length > 0 || (await hasNamesBelow(query, zone.id, owner))) {
    const types = [...new Set(here.map((record) => record.type))].join(', ');
    reasons.push(
      types === '' ? 'There are names below it, and no record at it.' : `It has ${types}, and no ${type}.`,
    );
    return explained('no-such-type', []);
  }
  reasons.push('Nothing is published under this name.');
  return explained('no-such-name', []);
}

async function findZone(query: Query, name: string, reach: Reach): Promise<ZoneRow | null> {
  const { rows } = await sql`
    SELECT z.id::text, z.name, z.project_id::text, z.visible, z.networks::text[] AS networks, z.keep_stopped FROM dns_zones z
    WHERE z.name = ${name} OR right(${name}::text, length(z.name) + 1) = '.' || z.name
    ORDER BY length(z.name) DESC LIMIT 1`.execute(query);
  const [zone] = z.array(ZoneRow).parse(rows);
  if (zone === undefined) return null;
  if (reach === 'all') return zone;
  return zone.project_id !== null && reach.projects.includes(zone.project_id) ? zone : null;
}

async function hasNamesBelow(query: Query, zoneId: string, owner: string): Promise<boolean> {
  if (owner === '') return true;
  const { rows } = await sql`
    SELECT FROM dns_published p WHERE p.zone_id = ${zoneId}::uuid AND right(p.owner, ${owner.length + 1}) = ${`.${owner}`}
    LIMIT 1`.execute(query);
  return rows.length > 0;
}

/** The wildcard below the nearest name that exists (RFC 4592). */
async function findWildcard(query: Query, zoneId: string, labels: readonly string[]): Promise<string | null> {
  for (let n = 1; n <= labels.length; n += 1) {
    const nearest = labels.slice(n).join('.');
    const exists =
      nearest === '' ||
      (await hasNamesBelow(query, zoneId, nearest)) ||
      (await isThere(query, zoneId, nearest));
    if (!exists) continue;
    const wildcard = nearest === '' ? '*' : `*.${nearest}`;
    return (await isThere(query, zoneId, wildcard)) ? wildcard : null;
  }
  return null;
}

async function isThere(query: Query, zoneId: string, owner: string): Promise<boolean> {
  const { rows } = await sql`
    SELECT FROM dns_published WHERE zone_id = ${zoneId}::uuid AND owner = ${owner} LIMIT 1`.execute(query);
  return rows.length > 0;
}

/** What instances of that name have to do with it. */
async function instanceReasons(query: Query, zone: ZoneRow, owner: string): Promise<readonly string[]> {
  if (owner === '' || owner.includes('.')) return [];
  const { rows } = await sql`
    SELECT i.id::text, i.name, i.status, p.name AS project,
      (SELECT o.name FROM dns_zones o WHERE o.project_id IS NOT DISTINCT FROM i.project_id AND o.prefix IS NULL
        AND coalesce(o.parent_id, o.id) = coalesce(z.parent_id, z.id)) AS zone,
      EXISTS (SELECT FROM dns_holder(z, ${owner}) AS h WHERE h.id = i.id) AS holds,
      coalesce((SELECT json_agg(json_build_object('address', a ->> 'address', 'device', a ->> 'device',
          'usable', EXISTS (SELECT FROM dns_addresses(jsonb_build_array(a))),
          'shown', EXISTS (SELECT FROM dns_addresses(jsonb_build_array(a)) AS e
            WHERE (z.visible = 'all' OR dns_is_public(e)) AND (z.networks = '{}' OR e <<= ANY (z.networks::inet[])))))
        FROM jsonb_array_elements(i.addresses) AS a WHERE a ->> 'scope' = 'global'), '[]') AS addresses
    FROM instances i JOIN dns_zones z ON z.id = ${zone.id}::uuid LEFT JOIN projects p ON p.id = i.project_id
    WHERE lower(i.name) = ${owner} ORDER BY i.added_at`.execute(query);
  return z
    .array(InstanceRow)
    .parse(rows)
    .flatMap((row) => reasonsOf(row, zone));
}

function reasonsOf(row: z.infer<typeof InstanceRow>, zone: ZoneRow): readonly string[] {
  const called = `The instance ${row.name}`;
  if (row.zone !== null && row.zone !== zone.name) {
    // Whoever may see one project only does not learn what others have.
    if (zone.project_id !== null) return [];
    return [
      `${called} belongs to ${row.project === null ? 'no project' : `the project ${row.project}`}: it is called ${row.name.toLowerCase()}.${row.zone}.`,
    ];
  }
  if (row.status === 'missing' || row.status === 'pending')
    return [`${called} is ${row.status}: it has no name.`];
  if (!row.holds)
    return [`${called} has the same name as another instance, or as a project; that one came first.`];
  if (row.status !== 'running' && row.status !== 'frozen') {
    return [
      zone.keep_stopped
        ? `${called} is ${row.status}; the zone goes on answering what it had.`
        : `${called} is ${row.status}: the zone answers only for what runs.`,
    ];
  }
  if (row.addresses.length === 0) return [`${called} runs and shows no global address yet.`];
  return [
    `${called} has the name.`,
    ...row.addresses.flatMap(({ address, device, usable, shown }) => {
      if (shown) return [];
      if (!usable) return [`${address} on ${device} is left out: the guest made that interface for itself.`];
      return [
        zone.visible === 'public'
          ? `${address} is left out: the zone shows only addresses that the Internet routes.`
          : `${address} is left out: it lies in none of the networks of the zone.`,
      ];
    }),
  ];
}

const HiddenRow = z.object({ type: z.number(), value: z.string() });

/** Records of people that stand back behind an instance or another record. */
async function hiddenReasons(query: Query, zone: ZoneRow, owner: string): Promise<readonly string[]> {
  const { rows } = await sql`
    SELECT r.type, r.value FROM dns_records r WHERE r.zone_id = ${zone.id}::uuid AND r.owner = ${owner}
      AND NOT EXISTS (SELECT FROM dns_published p WHERE p.source_id = r.id)`.execute(query);
  return z
    .array(HiddenRow)
    .parse(rows)
    .map(
      ({ type, value }) =>
        `The record ${typeName(type)} ${value} is not answered: an instance has the name, or something else stands beside a CNAME.`,
    );
}

import type { DnsDelegation } from '@longshore/contract';
import { type Query, sql } from '@longshore/store';
import { z } from 'zod';
import { readNames } from '../names/list-names.ts';
import { readZone } from './read-zones.ts';

/** What the zone above has to say of one. @throws LongshoreError `not-found` */
export async function readDelegation(query: Query, reference: string): Promise<DnsDelegation> {
  const zone = await readZone(query, reference);
  const warnings: string[] = [];
  const glue: { name: string; type: string; value: string }[] = [];
  for (const server of zone.nameServers) {
    if (server !== zone.name && !server.endsWith(`.${zone.name}`)) continue;
    const owner = server === zone.name ? '' : server.slice(0, -(zone.name.length + 1));
    const found = await readNames(
      query,
      [sql`p.zone_id = ${zone.id}::uuid AND p.owner = ${owner} AND p.type IN (1, 28)`],
      { limit: 20 },
    );
    for (const { name } of found) glue.push({ name: `${server}.`, type: name.type, value: name.value });
    if (found.length === 0) {
      warnings.push(`${server} lies in the zone and has no address there: write its A and AAAA records.`);
    }
  }
  if (zone.nameServers.length === 1) {
    warnings.push('There is one name server only; RFC 1034 wants two, on different networks.');
  }
  const { rows } = await sql`SELECT name FROM dns_zones WHERE id = ${zone.parentId}::uuid`.execute(query);
  const parentIsOurs = z.array(z.object({ name: z.string() })).parse(rows).length > 0;
  return {
    zone: zone.name,
    parentIsOurs,
    records: [
      ...zone.nameServers.map((server) => ({ name: `${zone.name}.`, type: 'NS', value: `${server}.` })),
      ...glue,
    ],
    warnings,
  };
}

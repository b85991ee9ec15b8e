import { LongshoreError, type Placement } from '@longshore/contract';
import { type Database, sql, type Transaction } from '@longshore/store';
import { z } from 'zod';
import { chooseHost, type HostCandidate, type HostNeed } from './choose-host.ts';
import '../hosts/hosts-table.ts';
import '../instances/instances-table.ts';

/** Where an instance goes, and why; the reason is kept with the instance. */
export type Placed = Readonly<{ hostId: string; hostName: string; reason: string }>;

/** What to place. */
export type PlacementRequest = Omit<HostNeed, 'labels'> & Readonly<{ placement: Placement }>;

/** One lock for all automatic placements: each must count what the one before has promised. Held for some 5 ms. */
const PLACEMENT_LOCK = 'longshore placement';

/** Memory that an instance without a limit is taken to use, until a reading of its host shows what it does use. */
const ASSUMED_BYTES = { container: 256 * 1024 ** 2, 'virtual-machine': 1024 ** 3 } as const;

/**
 * Chooses the host of an instance, in the transaction that makes its row, so that fifty at once spread. A named host
 * is taken as named (it may be unreachable now: the operation waits for it), unless a person closed it.
 *
 * @throws LongshoreError `not-found` (no such host), `host-in-maintenance`, `host-quarantined`, `conflict` (being
 * removed, lacks a label), `no-suitable-host` with a reason for each host
 */
export async function placeInstance(trx: Transaction<Database>, request: PlacementRequest): Promise<Placed> {
  const { host: named, labels } = request.placement;
  if (named !== undefined) return namedHost(trx, named, request);
  await sql`SELECT pg_advisory_xact_lock(hashtextextended(${PLACEMENT_LOCK}, 0))`.execute(trx);
  const choice = chooseHost(await candidates(trx), { ...request, labels });
  if (choice.host === null) {
    const reasons = choice.reasons.slice(0, 10).join('; ');
    const more = choice.reasons.length > 10 ? `; and ${choice.reasons.length - 10} more` : '';
    throw new LongshoreError(
      'no-suitable-host',
      reasons === '' ? 'There is no host yet.' : `No host fits: ${reasons}${more}.`,
      { hint: reasons === '' ? 'Enrol one: longshore host add.' : 'Name a host, or ask for less.' },
    );
  }
  return { hostId: choice.host.id, hostName: choice.host.name, reason: choice.reason };
}

async function namedHost(
  trx: Transaction<Database>,
  named: string,
  request: PlacementRequest,
): Promise<Placed> {
  const host = await trx
    .selectFrom('hosts')
    .select(['id', 'name', 'status', 'maintenance', 'removing', 'labels'])
    .where((where) => where.or([where('name', '=', named), where(sql`id::text`, '=', named.toLowerCase())]))
    .forShare()
    .executeTakeFirst();
  if (host === undefined) throw new LongshoreError('not-found', `There is no host ${named}.`);
  const { name } = host;
  if (host.removing) throw new LongshoreError('conflict', `Host ${name} is being removed.`);
  if (host.maintenance) {
    throw new LongshoreError('host-in-maintenance', `Host ${name} is in maintenance.`, {
      hint: 'Choose another host, or end the maintenance.',
    });
  }
  if (host.status === 'quarantined') {
    throw new LongshoreError(
      'host-quarantined',
      `Host ${name} shows another certificate than the pinned one.`,
      {
        hint: 'Compare the new fingerprint on the host itself, then re-pin it.',
      },
    );
  }
  if (request.exclude?.includes(host.id)) {
    throw new LongshoreError('conflict', `The instance is on host ${name} already.`);
  }
  for (const [key, value] of Object.entries(request.placement.labels ?? {})) {
    if (host.labels[key] !== value) {
      throw new LongshoreError('conflict', `Host ${name} lacks the label ${key}=${value}.`);
    }
  }
  return { hostId: host.id, hostName: name, reason: `host ${name} was named` };
}

const CandidateRow = z.object({
  id: z.string(),
  name: z.string(),
  status: z.enum(['connecting', 'online', 'unreachable', 'quarantined']),
  maintenance: z.boolean(),
  removing: z.boolean(),
  labels: z.record(z.string(), z.string()),
  architectures: z.array(z.string()),
  driver: z.string(),
  free: z.coerce.number().nullable(),
  promised: z.array(
    z.object({ type: z.enum(['container', 'virtual-machine']), memory: z.string().nullable() }),
  ),
  instances: z.number(),
});

/**
 * All hosts with what speaks for them. What is on its way: rows not made yet, and those of the last quarter of an
 * hour, which a reading of the host every ten minutes may not know.
 */
async function candidates(trx: Transaction<Database>): Promise<HostCandidate[]> {
  const { rows } = await sql`
    SELECT h.id, h.name, h.status, h.maintenance, h.removing, h.labels, h.architectures, h.driver,
      (h.resources ->> 'memoryTotalBytes')::bigint - (h.resources ->> 'memoryUsedBytes')::bigint AS free,
      coalesce(n.instances, 0) AS instances, coalesce(n.promised, '[]') AS promised
    FROM hosts h LEFT JOIN (
      SELECT host_id, count(*)::integer AS instances,
        json_agg(json_build_object('type', type, 'memory', config ->> 'limits.memory'))
          FILTER (WHERE claimed AND (status = 'pending' OR added_at > now() - interval '15 minutes')) AS promised
      FROM instances WHERE status <> 'missing' GROUP BY host_id
    ) n ON n.host_id = h.id
    ORDER BY h.name`.execute(trx);
  return z
    .array(CandidateRow)
    .parse(rows)
    .map(({ free, promised, ...host }) => ({
      ...host,
      freeMemoryBytes: free,
      promisedBytes: promised.reduce(
        (sum, each) => sum + (bytesOf(each.memory) ?? ASSUMED_BYTES[each.type]),
        0,
      ),
    }));
}

const UNITS: Readonly<Record<string, number>> = {
  '': 1,
  B: 1,
  kB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KiB: 1024,
  MiB: 1024 ** 2,
  GiB: 1024 ** 3,
  TiB: 1024 ** 4,
};

/** A size as LXD writes it, in bytes; undefined for none, a share of the host, and what is no size. */
export function bytesOf(size: string | null): number | undefined {
  const [, digits, unit] = /^(\d+)([A-Za-z]*)$/.exec(size ?? '') ?? [];
  const factor = unit === undefined ? undefined : UNITS[unit];
  return digits === undefined || factor === undefined ? undefined : Number(digits) * factor;
}

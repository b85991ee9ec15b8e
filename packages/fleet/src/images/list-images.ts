import { IMAGE_FILTERS, Image } from '@longshore/contract';
import { type RawBuilder, sql } from '@longshore/store';
import { z } from 'zod';
import type { FleetContext } from '../fleet-context.ts';
import { CURSOR_SHAPE, type CursorList, MICROSECONDS, readCursor, writeCursor } from '../lists/cursor.ts';
import {
  allOf,
  type Condition,
  type FieldCondition,
  filterConditions,
  textCondition,
  wordCondition,
} from '../lists/filter-sql.ts';
import { countUpTo, type ListQuery, type Page } from '../lists/page.ts';

/** One line per fingerprint, whatever number of hosts have it. */
const IMAGES = sql`(
  SELECT fingerprint, min(description) AS description, min(type) AS type, min(architecture) AS architecture,
    max(size_bytes) AS size_bytes, min(created_at) AS created_at,
    coalesce(min(created_at), 'epoch') AS sort_created,
    json_agg(json_build_object('hostId', host_id, 'lxdProject', lxd_project, 'aliases', aliases)
      ORDER BY host_id, lxd_project) AS hosts
  FROM host_images GROUP BY fingerprint) AS i`;

const onHosts = (condition: Condition): Condition =>
  sql`EXISTS (SELECT FROM host_images x JOIN hosts h ON h.id = x.host_id
    WHERE x.fingerprint = i.fingerprint AND ${condition})`;

const FIELDS: Readonly<Record<(typeof IMAGE_FILTERS)[number], FieldCondition>> = {
  // The beginning is enough, as everywhere in LXD.
  fingerprint: (value) => textCondition(sql`i.fingerprint`)(value.includes('*') ? value : `${value}*`),
  alias: (value) =>
    onHosts(
      sql`EXISTS (SELECT FROM jsonb_array_elements_text(x.aliases) AS a WHERE ${textCondition(sql`a`)(value)})`,
    ),
  description: textCondition(sql`i.description`),
  host: (value) => onHosts(sql`(${textCondition(sql`h.name`)(value)} OR h.id::text = ${value})`),
  type: (value) => textCondition(sql`i.type`)(value === 'vm' ? 'virtual-machine' : value),
  architecture: textCondition(sql`i.architecture`),
};

type SortKey = Readonly<{
  key: RawBuilder<unknown>;
  text: RawBuilder<unknown>;
  shape: RegExp;
  parse: (text: string) => RawBuilder<unknown>;
}>;

const BY_DESCRIPTION: SortKey = {
  key: sql`i.description`,
  text: sql`i.description`,
  shape: CURSOR_SHAPE.text,
  parse: (text) => sql`${text}`,
};
const BY_CREATION: SortKey = {
  key: sql`i.sort_created`,
  text: sql`to_char(i.sort_created AT TIME ZONE 'UTC', ${sql.lit(MICROSECONDS)})`,
  shape: CURSOR_SHAPE.moment,
  parse: (text) => sql`${text}::timestamptz`,
};
const FINGERPRINT = /^[0-9a-f]{1,64}$/;

const ImageRow = z.object({
  fingerprint: z.string(),
  description: z.string(),
  type: z.string(),
  architecture: z.string(),
  size_bytes: z.coerce.number(),
  created_at: z.date().nullable(),
  hosts: z.unknown(),
  key: z.string(),
});

/**
 * One page of the images that any host of the fleet has, as last observed.
 *
 * @throws LongshoreError `bad-filter`, `bad-cursor`
 */
export async function listImages(context: FleetContext, query: ListQuery): Promise<Page<Image>> {
  const { db } = context.store;
  const sort = query.sort ?? 'description';
  const descending = sort.startsWith('-');
  const by = sort.endsWith('createdAt') ? BY_CREATION : BY_DESCRIPTION;
  const list: CursorList = { list: 'images', sort, filter: query.filter };
  const where = filterConditions(query.filter, IMAGE_FILTERS, FIELDS, wordCondition(sql`i.description`));
  const cursor =
    query.cursor === undefined ? undefined : readCursor(query.cursor, list, [by.shape, FINGERPRINT]);
  const [key = '', fingerprint = ''] = cursor?.after ?? [];
  const after: readonly Condition[] =
    cursor === undefined
      ? []
      : [
          sql`(${by.key}, i.fingerprint) ${sql.raw(descending ? '<' : '>')} (${by.parse(key)}, ${fingerprint})`,
        ];
  const direction = sql.raw(descending ? 'DESC' : 'ASC');
  const { rows } = await sql`
    SELECT i.fingerprint, i.description, i.type, i.architecture, i.size_bytes, i.created_at, i.hosts, ${by.text} AS key
    FROM ${IMAGES} WHERE ${allOf([...where, ...after])}
    ORDER BY ${by.key} ${direction}, i.fingerprint ${direction} LIMIT ${query.limit + 1}`.execute(db);
  const images = z.array(ImageRow).parse(rows);
  const shown = images.slice(0, query.limit);
  const last = shown.at(-1);
  const total = cursor === undefined ? await countUpTo(db, IMAGES, where) : cursor.total;
  const more = last !== undefined && images.length > query.limit;
  return {
    items: shown.map(imageOf),
    next: more ? writeCursor(list, { after: [last.key, last.fingerprint], total }) : null,
    total,
  };
}

function imageOf(row: z.infer<typeof ImageRow>): Image {
  return Image.parse({
    fingerprint: row.fingerprint,
    description: row.description,
    type: row.type,
    architecture: row.architecture,
    sizeBytes: row.size_bytes,
    createdAt: row.created_at?.toISOString() ?? null,
    hosts: row.hosts,
  });
}

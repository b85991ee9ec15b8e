import { LongshoreError, PEOPLE_FILTERS, type Person, parseFilter } from '@longshore/contract';
import { type Query, type RawBuilder, sql } from '@longshore/store';
import { z } from 'zod';
import type { PersonStatus } from './people-tables.ts';

const Accounts = z.array(
  z.object({ provider: z.string(), subject: z.string(), groups: z.array(z.string()) }),
);

function shownPeople(query: Query) {
  return query.selectFrom('people').select([
    'id',
    'name',
    'display_name',
    'email',
    'status',
    'created_at',
    'created_by',
    'approved_by',
    'last_login_at',
    sql<boolean>`password_phc IS NOT NULL`.as('has_password'),
    sql<boolean>`totp_confirmed_at IS NOT NULL`.as('has_second_factor'),
    sql<number>`(SELECT count(*) FROM passkeys k WHERE k.person_id = people.id)`.as('passkeys'),
    sql<number>`(SELECT count(*) FROM sessions s WHERE s.person_id = people.id AND s.expires_at > now())`.as(
      'sessions',
    ),
    sql<unknown>`(SELECT coalesce(jsonb_agg(jsonb_build_object('provider', p.name, 'subject', a.subject,
          'groups', a.groups) ORDER BY p.name), '[]') FROM provider_accounts a
        JOIN identity_providers p ON p.id = a.provider_id WHERE a.person_id = people.id)`.as('accounts'),
  ]);
}

type Row = Readonly<{
  id: string;
  name: string;
  display_name: string;
  email: string | null;
  status: PersonStatus;
  created_at: Date;
  created_by: string;
  approved_by: string | null;
  last_login_at: Date | null;
  has_password: boolean;
  has_second_factor: boolean;
  passkeys: number;
  sessions: number;
  accounts: unknown;
}>;

function personOf(row: Row): Person {
  return {
    id: row.id,
    name: row.name,
    displayName: row.display_name,
    email: row.email,
    status: row.status,
    createdAt: row.created_at.toISOString(),
    createdBy: row.created_by,
    approvedBy: row.approved_by,
    lastLoginAt: row.last_login_at?.toISOString() ?? null,
    hasPassword: row.has_password,
    hasSecondFactor: row.has_second_factor,
    passkeys: Number(row.passkeys),
    sessions: Number(row.sessions),
    providers: Accounts.parse(row.accounts),
  };
}

/** @throws LongshoreError `not-found` */
export async function readPerson(query: Query, id: string): Promise<Person> {
  const row = await shownPeople(query).where('id', '=', id).executeTakeFirst();
  if (row === undefined) throw noPerson(id);
  return personOf(row);
}

/** The error for a person who does not exist. */
export function noPerson(id: string): LongshoreError {
  return new LongshoreError('not-found', `There is no person ${id}.`, {
    hint: 'List the people to see who there is.',
  });
}

/** One page of people. */
export type PeopleQuery = Readonly<{
  limit: number;
  cursor?: string | undefined;
  filter?: string | undefined;
}>;

const Cursor = z.tuple([z.boolean(), z.string().max(200), z.string().max(1024)]);

/**
 * People, those who wait for approval first, then by name.
 * @throws LongshoreError `bad-filter`, `bad-cursor`
 */
export async function listPeople(
  query: Query,
  asked: PeopleQuery,
): Promise<{ items: Person[]; next: string | null; total: number }> {
  const filter = asked.filter ?? '';
  const conditions = parseFilter(filter, PEOPLE_FILTERS).map((term) => {
    const condition = conditionOf(term.field, term.value);
    return term.negated ? sql<boolean>`NOT ${condition}` : condition;
  });
  const where =
    conditions.length === 0 ? sql<boolean>`true` : sql<boolean>`(${sql.join(conditions, sql` AND `)})`;
  let page = shownPeople(query)
    .where(where)
    .orderBy(sql`(status <> 'pending')`)
    .orderBy('name')
    .limit(asked.limit + 1);
  if (asked.cursor !== undefined) {
    const [settled, name] = readCursor(asked.cursor, filter);
    page = page.where(sql<boolean>`((status <> 'pending'), name) > (${settled}::boolean, ${name}::text)`);
  }
  const rows = await page.execute();
  const shown = rows.slice(0, asked.limit);
  const last = shown.at(-1);
  const { total } = await query
    .selectFrom('people')
    .select(({ fn }) => fn.countAll<number>().as('total'))
    .where(where)
    .executeTakeFirstOrThrow();
  return {
    items: shown.map(personOf),
    next:
      last === undefined || rows.length <= asked.limit
        ? null
        : Buffer.from(JSON.stringify([last.status !== 'pending', last.name, filter])).toString('base64url'),
    total: Number(total),
  };
}

function conditionOf(field: string | null, value: string): RawBuilder<boolean> {
  if (field === null) {
    const like = `%${escaped(value)}%`;
    return sql<boolean>`(name ILIKE ${like} OR display_name ILIKE ${like} OR coalesce(email, '') ILIKE ${like})`;
  }
  const patterns = value.split(',').map((each) => escaped(each).replaceAll('*', '%'));
  return field === 'status'
    ? sql<boolean>`status LIKE ANY (${patterns}::text[])`
    : sql<boolean>`name ILIKE ANY (${patterns}::text[])`;
}

function escaped(text: string): string {
  return text.replaceAll(/[\\%_]/g, '\\$&');
}

function readCursor(cursor: string, filter: string): readonly [boolean, string] {
  try {
    const [settled, name, of] = Cursor.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')));
    if (of === filter && name.isWellFormed() && !name.includes('\0')) return [settled, name];
  } catch {
    // Whatever is wrong with it: it is not one of ours.
  }
  throw new LongshoreError('bad-cursor', 'The cursor is not one of this list.', {
    hint: 'Begin again without a cursor.',
  });
}

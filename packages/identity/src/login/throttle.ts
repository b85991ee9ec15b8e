import { isIPv6 } from 'node:net';
import { LongshoreError } from '@longshore/contract';
import { type Query, type Store, sql } from '@longshore/store';

/**
 * What logins are counted on: an account's name, whether there is one or not, and an address. `begun` are those of an
 * address that were begun, at a provider or with a passkey, and not ended yet: each takes a row for some minutes.
 */
export type LoginSubject = Readonly<{ kind: 'account' | 'address' | 'begun'; of: string }>;

/** Tries that cost nothing but being counted. Behind one address there may be an office. */
const FREE = { account: 5, address: 30, begun: 100 } as const;
/** The first wait, doubled with each further try. */
const FIRST_WAIT_SECONDS = 15;
/** Long enough for guessing to lead nowhere, short enough that nobody is locked out by a stranger for long. */
const MAX_WAIT_SECONDS = 900;
/** An account is as new after an hour without a failure. */
const FORGET = '1 hour';

/** The address of whom the network gave one: of IPv6 the /64, as one machine has 2^64 of them. */
export function addressSubject(address: string, kind: 'address' | 'begun' = 'address'): LoginSubject {
  return { kind, of: isIPv6(address) ? networkOf(address) : address };
}

function networkOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  const [head = '', tail] = address.replace(/%.*$/, '').split('::');
  const first = head === '' ? [] : head.split(':');
  const last = tail === undefined || tail === '' ? [] : tail.split(':');
  const groups =
    tail === undefined ? first : [...first, ...Array(8 - first.length - last.length).fill('0'), ...last];
  return groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':');
}

/**
 * Counts a try before it is made, so that a hundred at once count as a hundred; {@link forgive} takes it back.
 * @throws LongshoreError `too-many-requests`, with the seconds to wait in the hint
 */
export async function countTry(store: Store, subjects: readonly LoginSubject[]): Promise<void> {
  for (const { kind, of } of subjects) {
    const free = FREE[kind];
    const subject = keyOf({ kind, of });
    const counted = await sql`
      INSERT INTO login_failures AS f (subject, failures, blocked_until, forget_at)
      VALUES (${subject}, 1, now(), now() + ${sql.lit(FORGET)}::interval)
      ON CONFLICT (subject) DO UPDATE SET
        failures = CASE WHEN f.forget_at < now() THEN 1 ELSE f.failures + 1 END,
        blocked_until = CASE WHEN f.forget_at < now() OR f.failures + 1 < ${free} THEN now()
          ELSE now() + least(${FIRST_WAIT_SECONDS}::double precision * 2 ^ least(f.failures + 1 - ${free}, 20), ${MAX_WAIT_SECONDS}) * interval '1 second' END,
        forget_at = now() + ${sql.lit(FORGET)}::interval
      WHERE f.blocked_until <= now()
      RETURNING failures`.execute(store.db);
    if (counted.rows.length > 0) continue;
    const { rows } = await sql<{ seconds: number }>`
      SELECT greatest(1, ceil(extract(epoch FROM blocked_until - now())))::integer AS seconds
      FROM login_failures WHERE subject = ${subject}`.execute(store.db);
    const seconds = rows[0]?.seconds ?? FIRST_WAIT_SECONDS;
    throw new LongshoreError('too-many-requests', 'Too many logins failed.', {
      hint: `Try again in ${seconds} seconds.`,
    });
  }
}

/** Takes back the try that was counted last: it was no failure, and no success either. */
export async function forgive(query: Query, subjects: readonly LoginSubject[]): Promise<void> {
  await sql`UPDATE login_failures SET failures = greatest(0, failures - 1), blocked_until = now()
    WHERE subject = ANY (${subjects.map(keyOf)}::text[])`.execute(query);
}

/** A login succeeded: the account begins anew, the address keeps its other failures. */
export async function forget(store: Store, subjects: readonly LoginSubject[]): Promise<void> {
  const accounts = subjects.filter(({ kind }) => kind === 'account').map(keyOf);
  await sql`DELETE FROM login_failures WHERE subject = ANY (${accounts}::text[])`.execute(store.db);
  await forgive(
    store.db,
    subjects.filter(({ kind }) => kind === 'address'),
  );
}

function keyOf({ kind, of }: LoginSubject): string {
  return `${kind}:${of}`;
}

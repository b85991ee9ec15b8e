import { createHash } from 'node:crypto';
import { isLxdError } from '@longshore/lxd';
import { type Fence, type JobResult, type Query, sql } from '@longshore/store';
import { z } from 'zod';
import type { FleetContext } from '../fleet-context.ts';
import { translateLxdError } from '../hosts/translate-lxd-error.ts';
import { withKeys } from './authorized-keys.ts';
import { chooseUsers, type GuestAccount, parsePasswd } from './guest-accounts.ts';
import {
  type Guest,
  GuestTrouble,
  type KeysFile,
  readKeysFile,
  surveyGuest,
  writeKeysFile,
} from './guest-files.ts';
import type { GuestKey } from './guest-key.ts';
import { type AccountOutcome, type AccountRow, accountRows, writeOutcomes } from './guest-keys-rows.ts';

/** One run: how long it may go on, and the proof that it is still ours. */
export type DeliveryRun = Readonly<{ signal: AbortSignal; fence: Fence }>;

const InstanceRow = z.object({
  name: z.string(),
  lxdProject: z.string(),
  hostId: z.string(),
  projectId: z.string().nullable(),
  labels: z.record(z.string(), z.string()),
  config: z.record(z.string(), z.string()),
  status: z.string(),
  boot: z.string(),
  users: z.array(z.string()).nullable(),
});
type InstanceRow = z.infer<typeof InstanceRow>;

/** After a look that ended with what may pass: soon at first, for a guest that only was busy; at last once an hour. */
const PAUSES_MS = [2, 10, 30, 60, 300, 900].map((seconds) => seconds * 1000);
const LONGEST_PAUSE_MS = 3_600_000;
/** For a default user that cloud-init is about to make: soon, and not for ever. */
const USER_PAUSES_MS = [5, 10, 15, 30, 60, 120, 300].map((seconds) => seconds * 1000);

/**
 * Makes the keys in a guest those that shall be there: reads what shall be and what we left there, looks into the guest
 * where the two differ, or where it was started, or not looked at for long, and edits our block in each account's file.
 * Twice is safe. A guest that nobody may log in to, and that has nothing of ours, is not touched.
 */
export async function deliverKeys(context: FleetContext, id: string, run: DeliveryRun): Promise<JobResult> {
  const { db } = context.store;
  const instance = await readInstanceRow(db, id);
  if (instance === undefined) return 'done';
  const keys = (await context.guestKeySource?.(db, instance)) ?? [];
  const known = await accountRows(db, id);
  const nobody = keys.length === 0 || instance.users?.length === 0;
  if (nobody && known.length === 0) return 'done';
  const write = (outcomes: readonly AccountOutcome[]): Promise<void> =>
    context.store.transaction(async (trx) => {
      await run.fence.check(trx);
      await writeOutcomes(trx, id, outcomes);
    });
  if (instance.status !== 'running') {
    // It is looked at when it runs again; who has gone meanwhile is still in it.
    await write(waiting(instance, keys, known, 'pending', `the instance is ${instance.status}`));
    return 'done';
  }
  if (inStep(instance, keys, known)) return 'done';
  let guest: Guest;
  try {
    const { client } = await context.connections.client(instance.hostId);
    guest = { client, name: instance.name, lxdProject: instance.lxdProject, signal: run.signal };
    const { outcomes, againAfterMs } = await lookInto(guest, instance, keys, known);
    await write(outcomes);
    return againAfterMs === null ? 'done' : { againAfterMs };
  } catch (error) {
    run.signal.throwIfAborted();
    if (isLxdError(error, 'not-found')) return 'done'; // deleted or moved: sync tells, and then it is looked at again
    const pauseMs = PAUSES_MS[Math.max(0, ...known.map((row) => row.tries))] ?? LONGEST_PAUSE_MS;
    if (error instanceof GuestTrouble) {
      await write(waiting(instance, keys, known, 'failed', error.message));
      return { againAfterMs: pauseMs };
    }
    const trouble = translateLxdError(error, 'of the instance');
    if (trouble.code === 'not-found') return 'done'; // its host was removed
    if (trouble.code === 'internal') throw error;
    await write(waiting(instance, keys, known, 'unreachable', trouble.message));
    return { againAfterMs: pauseMs };
  }
}

async function readInstanceRow(query: Query, id: string): Promise<InstanceRow | undefined> {
  const { rows } = await sql`
    SELECT i.name, i.lxd_project AS "lxdProject", i.host_id AS "hostId", i.project_id AS "projectId", i.labels, i.config,
      i.status, i.host_id::text || ' ' || coalesce(rfc3339(i.last_used_at), '') AS boot,
      coalesce(i.login_users, p.login_users) AS users
    FROM instances i LEFT JOIN projects p ON p.id = i.project_id
    WHERE i.id = ${id} AND i.claimed AND i.status NOT IN ('missing', 'pending')`.execute(query);
  return rows[0] === undefined ? undefined : InstanceRow.parse(rows[0]);
}

/** What was left there is what shall be there, since its last start, and was looked at not long ago. */
function inStep(instance: InstanceRow, keys: readonly GuestKey[], known: readonly AccountRow[]): boolean {
  const wanted = hashOf(keys, instance.users);
  return (
    known.length > 0 &&
    known.every(
      (row) =>
        row.state === 'in_step' &&
        row.wanted === wanted &&
        row.boot === instance.boot &&
        row.fresh &&
        row.tries === 0,
    )
  );
}

/** Of the keys, and of whom they are for: another choice of accounts is another state. */
function hashOf(keys: readonly GuestKey[], users: readonly string[] | null): string {
  const lines = keys.map((key) => [key.publicKey, key.person, key.comment]);
  return createHash('sha256')
    .update(JSON.stringify([users, lines]))
    .digest('hex');
}

/** Nothing could be looked at: those who are known wait, and root where there is nobody yet. */
function waiting(
  instance: InstanceRow,
  keys: readonly GuestKey[],
  known: readonly AccountRow[],
  state: 'pending' | 'unreachable' | 'failed',
  reason: string,
): readonly AccountOutcome[] {
  const users = known.length > 0 ? known.map(({ user }) => user) : [...(instance.users ?? ['root'])];
  const wanted = hashOf(keys, instance.users);
  return users
    .filter(
      (user) =>
        known.find((row) => row.user === user && row.state === 'in_step')?.wanted !== wanted ||
        state === 'failed',
    )
    .map((user) => ({ user, state, reason, passing: state !== 'pending' }));
}

async function lookInto(
  guest: Guest,
  instance: InstanceRow,
  keys: readonly GuestKey[],
  known: readonly AccountRow[],
): Promise<Readonly<{ outcomes: readonly AccountOutcome[]; againAfterMs: number | null }>> {
  const survey = await surveyGuest(guest);
  const accounts = parsePasswd(survey.passwd);
  const { users, sure } = chooseUsers(instance.users, instance.config, accounts);
  const wanted = hashOf(keys, instance.users);
  const tries = Math.max(0, ...known.map((row) => (row.boot === instance.boot ? row.tries : 0)));
  const userPauseMs = !sure && survey.hasCloudInit && keys.length > 0 ? USER_PAUSES_MS[tries] : undefined;
  const outcomes: AccountOutcome[] = [];
  for (const user of new Set([...users, ...known.map((row) => row.user)])) {
    const account = accounts.get(user);
    const here = users.includes(user) ? keys : [];
    if (account === undefined) {
      outcomes.push(
        here.length === 0
          ? { user, state: 'in_step', reason: null, forget: true }
          : {
              user,
              state: 'no_user',
              reason: 'the guest has no such account',
              passing: userPauseMs !== undefined,
              looked: { wanted, boot: instance.boot, present: [] },
            },
      );
      continue;
    }
    const trouble = await editFile(guest, account, here, user === 'root' ? survey.root : undefined);
    if (trouble !== null) {
      // Where nothing of ours is, and nothing shall be, a file that we cannot read is no trouble.
      const matters = here.length > 0 || known.some((row) => row.user === user && row.present.length > 0);
      const { reason } = trouble;
      outcomes.push(
        matters
          ? { user, state: 'failed', reason, passing: true }
          : { user, state: 'in_step', reason: null, forget: true },
      );
      continue;
    }
    outcomes.push({
      user,
      state: 'in_step',
      reason: null,
      looked: { wanted, boot: instance.boot, present: here },
      forget: here.length === 0 && (keys.length === 0 || !users.includes(user)),
      passing: userPauseMs !== undefined,
    });
  }
  const failed = outcomes.some(({ state }) => state === 'failed');
  const againAfterMs = failed ? (PAUSES_MS[tries] ?? LONGEST_PAUSE_MS) : (userPauseMs ?? null);
  return { outcomes, againAfterMs };
}

/** Makes an account's file as it shall be. @returns null, or why it is left alone */
async function editFile(
  guest: Guest,
  account: GuestAccount,
  keys: readonly GuestKey[],
  seen: KeysFile | undefined,
): Promise<Readonly<{ reason: string }> | null> {
  try {
    const file = seen ?? (await readKeysFile(guest, account));
    if (file.kind === 'unfit') return file;
    const content = file.kind === 'file' ? file.content : Buffer.alloc(0);
    const edited = withKeys(content, keys);
    if (edited.equals(content)) return null;
    await writeKeysFile(guest, account, file, edited);
    return null;
  } catch (error) {
    // One account in the way of itself does not keep the others from what they need.
    if (error instanceof GuestTrouble) return { reason: error.message };
    throw error;
  }
}

import { InstanceLog, LogName, LongshoreError } from '@longshore/contract';
import type { LxdClient } from '@longshore/lxd';
import { sql } from '@longshore/store';
import { z } from 'zod';
import type { FleetContext } from '../fleet-context.ts';
import { askHost } from './ask-host.ts';
import type { Question } from './errand.ts';

/** What the guest wrote to its console: no file of the host, but read like one. */
const CONSOLE = 'console';
/** A host keeps a handful. */
const MAX_LOGS = 50;
const CALL_TIMEOUT_MS = 10_000;

type Instance = Pick<Question, 'lxdProject' | 'name' | 'type'>;

/**
 * The logs that the host keeps of an instance, by name.
 * @throws LongshoreError `not-found`, and what {@link askHost} throws
 */
export async function listInstanceLogs(
  context: FleetContext,
  id: string,
  signal: AbortSignal,
): Promise<InstanceLog[]> {
  const { hostId, ...instance } = await whereIs(context, id);
  const { reply } = await askHost(context, hostId, { what: 'list-logs', ...instance }, signal);
  return z.array(InstanceLog).parse(reply);
}

/**
 * The last bytes of a log.
 * @throws LongshoreError `not-found`, and what {@link askHost} throws
 */
export async function readInstanceLog(
  context: FleetContext,
  { id, name, bytes }: Readonly<{ id: string; name: string; bytes: number }>,
  signal: AbortSignal,
): Promise<Buffer> {
  const { hostId, ...instance } = await whereIs(context, id);
  const question = { what: 'read-log', ...instance, log: name, bytes } as const;
  const { body } = await askHost(context, hostId, question, signal);
  return body ?? Buffer.alloc(0);
}

/** On the host: lists the logs. Runs where the host's session is. */
export async function listLogs(
  client: LxdClient,
  { lxdProject, name, type }: Instance,
  signal: AbortSignal,
): Promise<readonly InstanceLog[]> {
  const options = { project: lxdProject, timeoutMs: CALL_TIMEOUT_MS, signal };
  const names = await client.instances.logs(name, options);
  const files = names.filter((each) => LogName.safeParse(each).success).sort();
  const logs: InstanceLog[] = [];
  for (const file of files.slice(0, MAX_LOGS)) {
    logs.push({ name: file, sizeBytes: await client.instances.logSize(name, file, options) });
  }
  // A virtual machine's console is kept by some servers only, and then told of by an error of the others.
  return type === 'container' ? [{ name: CONSOLE, sizeBytes: null }, ...logs] : logs;
}

/** On the host: reads the end of a log. Runs where the host's session is. */
export function readLog(
  client: LxdClient,
  { lxdProject, name, log, bytes }: Extract<Question, { what: 'read-log' }>,
  signal: AbortSignal,
): Promise<Buffer> {
  const options = { project: lxdProject, timeoutMs: CALL_TIMEOUT_MS, signal };
  return client.instances.logEnd(name, log === CONSOLE ? null : log, bytes, options);
}

async function whereIs(context: FleetContext, id: string): Promise<Instance & Readonly<{ hostId: string }>> {
  const row = await context.store.db
    .selectFrom('instances')
    .select(['host_id', 'lxd_project', 'name', 'type', 'status'])
    .where('id', '=', id)
    .executeTakeFirst();
  if (row === undefined) throw new LongshoreError('not-found', `There is no instance ${id}.`);
  return { hostId: row.host_id, lxdProject: row.lxd_project, name: row.name, type: row.type };
}

/** Removes questions that nobody waits for any more. */
export async function pruneErrands({ store }: FleetContext): Promise<void> {
  await sql`DELETE FROM host_errands WHERE asked_at < now() - interval '1 minute'`.execute(store.db);
  await sql`DELETE FROM instance_watches WHERE wanted_until < now() - interval '1 minute'`.execute(store.db);
}

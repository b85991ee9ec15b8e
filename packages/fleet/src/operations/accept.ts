import { randomUUID } from 'node:crypto';
import { LongshoreError, type Operation, type OperationAction } from '@longshore/contract';
import { addJob, type Database, sql, type Transaction } from '@longshore/store';
import type { FleetContext } from '../fleet-context.ts';
import type { OperationTarget } from './handler.ts';
import { queueOf } from './lanes.ts';
import { OPERATION_COLUMNS, operationOf } from './operation-of-row.ts';
import './operations-table.ts';
import { claimInstance } from './claim-instance.ts';

/** Who asks. With a key, the same request again answers with the first operation; `requestHash` tells it is the same. */
export type Requester = Readonly<{
  /** Of the person, or of the robot's token. */
  name: string;
  /** Identifier of the same; operations that it asks for are its own to see. */
  id?: string | undefined;
  /**
   * Called in the transaction that accepts a change: what it writes (the audit log) is kept if and only if the change
   * is.
   */
  witness?: ((trx: Transaction<Database>, change: WitnessedChange) => Promise<void>) | undefined;
  idempotencyKey?: string | undefined;
  requestHash?: string | undefined;
}>;

/** What was changed, or accepted to be changed. */
export type WitnessedChange = Readonly<{ target: OperationTarget; operationId: string | null }>;

/** What to remember of a request. */
export type Acceptance = Readonly<{
  action: OperationAction;
  target: OperationTarget;
  /** The host that does the work; null where none or several do. */
  hostId: string | null;
  /** For the handler, JSON; parsed with its schema before each run. */
  input: Readonly<Record<string, unknown>>;
  /** Kept sealed, and removed when the operation ends. */
  secrets?: Readonly<Record<string, string>> | undefined;
  requester: Requester;
  parentId?: string | undefined;
  /** The instance that nobody else may change until this operation ends. */
  instanceId?: string | undefined;
  /** What shares a lane of a host is done in order. Default: the target. */
  lane?: string | undefined;
  /** Default: a new one. */
  id?: string | undefined;
}>;

/** What an intent answers. */
export type Accepted = Readonly<{ operation: Operation; instanceId?: string }>;

/** Our own retries end an operation; the queue must never give up before (its counter is a smallint). */
const JOB_ATTEMPTS = 32_000;

/** Job name of every operation. */
export const OPERATION_JOB = 'operation';

/** The job's key: one job for each operation. */
export function jobKeyOf(operationId: string): string {
  return `operation:${operationId}`;
}

/**
 * Remembers a request: its operation and its job, in the caller's transaction. An earlier request with the same
 * idempotency key answers with its operation, whatever became of it.
 *
 * @throws LongshoreError `idempotency-mismatch` (the key belongs to another request), `busy` (the instance has an
 * unfinished operation), `not-found` (no such instance)
 */
export async function accept(
  context: FleetContext,
  trx: Transaction<Database>,
  request: Acceptance,
): Promise<Operation> {
  const earlier = await replay(trx, request.requester);
  if (earlier !== undefined) return earlier;
  const id = request.id ?? randomUUID();
  if (request.instanceId !== undefined) await claimInstance(trx, request.instanceId, id);
  const { target, requester } = request;
  const queue = queueOf(request.action, request.hostId, request.lane ?? target.id ?? target.name);
  const row = await trx
    .insertInto('operations')
    .values({
      id,
      action: request.action,
      target_kind: target.kind,
      target_id: target.id,
      target_name: target.name,
      host_id: request.hostId,
      parent_id: request.parentId ?? null,
      input: JSON.stringify(request.input),
      input_sealed: seal(context, id, request.secrets),
      queue,
      requested_by: requester.name,
      requester_id: requester.id ?? null,
      idempotency_key: requester.idempotencyKey ?? null,
      request_hash: requester.requestHash ?? null,
    })
    .returning(OPERATION_COLUMNS)
    .executeTakeFirstOrThrow();
  await addJob(
    trx,
    OPERATION_JOB,
    { id },
    { key: jobKeyOf(id), maxAttempts: JOB_ATTEMPTS, ...(queue === null ? {} : { queue }) },
  );
  await requester.witness?.(trx, { target, operationId: id });
  return operationOf(row);
}

/**
 * Runs an intent in one transaction, unless the requester's key belongs to an earlier request: then that one's
 * operation is the answer, and nothing is checked or done again.
 */
export function acceptOnce(
  context: FleetContext,
  requester: Requester,
  intent: (trx: Transaction<Database>) => Promise<Accepted>,
): Promise<Accepted> {
  return context.store.transaction(async (trx) => {
    const earlier = await replay(trx, requester);
    if (earlier === undefined) return intent(trx);
    const { kind, id } = earlier.target;
    return { operation: earlier, ...(kind === 'instance' && id !== null ? { instanceId: id } : {}) };
  });
}

/** What sealed secrets are bound to. */
export function secretsContext(operationId: string): string {
  return `operations.input_sealed:${operationId}`;
}

function seal(
  context: FleetContext,
  id: string,
  secrets: Readonly<Record<string, string>> | undefined,
): string | null {
  return secrets === undefined ? null : context.sealer.seal(JSON.stringify(secrets), secretsContext(id));
}

/** The earlier operation of the requester's key. Two requests with one key at once: the second waits for the first. */
async function replay(trx: Transaction<Database>, requester: Requester): Promise<Operation | undefined> {
  const { name, idempotencyKey: key, requestHash } = requester;
  if (key === undefined) return undefined;
  await sql`SELECT pg_advisory_xact_lock(hashtextextended(${`${name}\n${key}`}, 0))`.execute(trx);
  const row = await trx
    .selectFrom('operations')
    .select([...OPERATION_COLUMNS, 'request_hash'])
    .where('requested_by', '=', name)
    .where('idempotency_key', '=', key)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  if (row.request_hash !== (requestHash ?? null)) {
    throw new LongshoreError(
      'idempotency-mismatch',
      `The idempotency key "${key}" was used for another request.`,
      {
        hint: 'Use a new key for each new request; repeat a request with exactly the same content.',
      },
    );
  }
  return operationOf(row);
}

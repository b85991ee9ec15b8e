import { Failure, failureOf, LongshoreError } from '@longshore/contract';
import { z } from 'zod';
import { translateLxdError } from '../hosts/translate-lxd-error.ts';
import type { RunningOperation, RunOutcome } from '../operations/handler.ts';
import '../operations/operations-table.ts';
import type { NamedHost } from './image-hosts.ts';

/** How it went on one host. */
const HostResult = z.object({
  hostId: z.string(),
  hostName: z.string(),
  fingerprint: z.string().nullable(),
  failure: Failure.nullable(),
});
type HostResult = z.infer<typeof HostResult>;

/** Hosts at once; they share our bandwidth when images pass through us. */
const AT_ONCE = 4;

/**
 * Does one thing on many hosts, a few at a time, and keeps a result for each: what is done is not done again by a later
 * run, and what failed on one host holds up no other. The list is the operation's result, also where some failed.
 *
 * @throws LongshoreError `partly-failed`; the host's own failure where there is only one host
 */
export async function onEachHost(
  op: RunningOperation<unknown>,
  hosts: readonly NamedHost[],
  work: (host: NamedHost) => Promise<string>,
): Promise<RunOutcome> {
  const waiting = hosts.filter((host) => resultOf(op, host) === undefined);
  const worker = async (): Promise<void> => {
    for (let host = waiting.shift(); host !== undefined; host = waiting.shift()) {
      op.throwIfCancelled();
      const result = await attempt(op, host, work);
      await op.remember({ [keyOf(host)]: result });
      op.progress((100 * hosts.filter((each) => resultOf(op, each) !== undefined).length) / hosts.length);
    }
  };
  const outcomes = await Promise.allSettled(
    Array.from({ length: Math.min(AT_ONCE, waiting.length) }, worker),
  );
  const results = hosts.flatMap((host) => resultOf(op, host) ?? []);
  const stopped = outcomes.find((outcome) => outcome.status === 'rejected');
  if (stopped !== undefined) {
    keepResults(op, results);
    throw stopped.reason;
  }
  const failed = results.filter((result) => result.failure !== null);
  const first = failed[0]?.failure;
  if (first == null) return { hosts: results };
  keepResults(op, results);
  const { code, message, hint } = first;
  if (hosts.length === 1) throw new LongshoreError(code, message, hint === undefined ? {} : { hint });
  const names = failed.map((result) => result.hostName).join(', ');
  throw new LongshoreError(
    'partly-failed',
    `Failed on ${failed.length} of ${hosts.length} hosts: ${names}.`,
    {
      hint: 'The result of the operation has the cause for each host; ask again for those.',
    },
  );
}

async function attempt(
  op: RunningOperation<unknown>,
  host: NamedHost,
  work: (host: NamedHost) => Promise<string>,
): Promise<HostResult> {
  const base = { hostId: host.id, hostName: host.name };
  try {
    return { ...base, fingerprint: await work(host), failure: null };
  } catch (error) {
    op.signal.throwIfAborted();
    const known = translateLxdError(error, host.name);
    // A fault of our own is no host's: the engine judges it.
    if (known.code === 'internal') throw error;
    return { ...base, fingerprint: null, failure: failureOf(known) };
  }
}

function keyOf(host: NamedHost): string {
  return `host ${host.id}`;
}

function resultOf(op: RunningOperation<unknown>, host: NamedHost): HostResult | undefined {
  const stored = op.memory[keyOf(host)];
  return stored === undefined ? undefined : HostResult.parse(stored);
}

/** An operation that fails has a result, too: which hosts it did. */
function keepResults(op: RunningOperation<unknown>, results: readonly HostResult[]): void {
  op.atEnd(async (trx) => {
    await trx
      .updateTable('operations')
      .set({ result: JSON.stringify({ hosts: results }) })
      .where('id', '=', op.id)
      .execute();
  });
}

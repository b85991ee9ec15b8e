import { HostProbe } from '@longshore/contract';
import type { Command } from 'commander';
import { CliError } from '../cli-error.ts';
import type { CliIo } from '../cli-io.ts';
import { addExamples } from '../docs/examples.ts';
import { newKey } from '../new-key.ts';
import { throwUnlessSucceeded } from '../operations/finish-change.ts';
import { waitForOperations } from '../operations/wait-for-operations.ts';
import { addOutputOptions, wholeNumber } from '../options.ts';
import { printObject } from '../output/print.ts';
import { openRun, type Run } from '../run.ts';

/** `host probe URL`: what a server says before anything is sent to it. */
export function addHostProbe(group: Command, io: CliIo): void {
  const command = group
    .command('probe')
    .argument('<url>', 'such as https://10.0.0.2:8443')
    .description("look at a server's certificate and version before enrolling it")
    .option('--timeout <seconds>', 'stop waiting after this time (exit code 7)', wholeNumber);
  addOutputOptions(command);
  addExamples(command, 'longshore host probe https://10.0.0.2:8443');
  command.action(async (url: string, options: { timeout?: number }, self: Command) => {
    const run = openRun(io, self);
    await printProbe(run, await probeHost(run, url, options));
  });
}

/**
 * Looks at a server through Longshore and tells what it found.
 * @throws OperationFailed where it does not answer or is no LXD or Incus server
 */
export async function probeHost(run: Run, url: string, options: { timeout?: number }): Promise<HostProbe> {
  const { value } = await run.call('probeHost', { body: { url }, idempotencyKey: newKey() });
  const [ended = value.operation] = await waitForOperations(
    run,
    [{ title: `look at ${url}`, operation: value.operation }],
    options,
  );
  throwUnlessSucceeded(ended);
  const probe = HostProbe.safeParse(ended.result);
  if (probe.success) return probe.data;
  throw new CliError('failed', `The server did not say what it found at ${url}.`, { cause: probe.error });
}

async function printProbe(run: Run, probe: HostProbe): Promise<void> {
  await printObject(run, {
    document: probe,
    handle: probe.fingerprint ?? '',
    facts: [
      ['URL', probe.url],
      ['Kind', probe.kind],
      ['Version', probe.version ?? 'not told before it trusts Longshore'],
      ['Fingerprint', probe.fingerprint],
      ['Trusts Longshore', probe.trusted ? 'yes' : 'no'],
      ['Takes a password', probe.passwordPossible ? 'yes' : 'no'],
      ['Enrolled as', probe.enrolledAs ?? 'not enrolled'],
    ],
  });
}

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Counts } from './counts.ts';
import { runCommand } from './run-command.ts';
import type { Suite } from './suites.ts';

/** Runs one suite in processes of its own and counts what it did; a file that dies counts as a failure. */
export async function runSuite(root: string, suite: Suite, env: NodeJS.ProcessEnv): Promise<Counts> {
  const folder = mkdtempSync(join(tmpdir(), 'longshore-tally-'));
  const tally = join(folder, 'tally');
  writeFileSync(tally, '');
  const result = await runCommand(
    process.execPath,
    [
      '--test',
      `--test-concurrency=${suite.concurrency}`,
      `--test-timeout=${suite.testLimitSeconds * 1000}`,
      `--test-reporter=${join(root, 'tools/src/test/count-reporter.ts')}`,
      '--test-reporter-destination=stdout',
      ...suite.files,
    ],
    { cwd: root, env: { ...env, LONGSHORE_TEST_TALLY: tally }, limitSeconds: suite.limitSeconds },
  );
  const letters = readFileSync(tally, 'utf8');
  rmSync(folder, { recursive: true, force: true });
  const count = (letter: string) => letters.split(letter).length - 1;
  const counts = { passed: count('P'), failed: count('F'), skipped: count('S') };
  if (result.timedOut)
    process.stderr.write(`  the suite was ended after ${suite.limitSeconds} s: something hangs\n`);
  // The runner said no although no test did: a crash, a limit, or a file that could not be loaded.
  if (!result.ok && counts.failed === 0) counts.failed = 1;
  return counts;
}

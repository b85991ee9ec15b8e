import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { SYSTEM_PATH } from './run-command.ts';
import { TestbedError } from './testbed-error.ts';

/** Sweeping several dead testbeds under the lock takes seconds; more means that a holder hangs. */
const WAIT_SECONDS = 120;

/**
 * Runs `work` while no other process on this machine does: claiming names and subnets, sweeping, kernel limits.
 * The lock is flock(2) on a directory that always exists, held by a child that ends when its standard input closes,
 * so it is gone with us even after kill -9, and no lock file is left behind.
 * Throws `timed-out` when it cannot be had.
 */
export async function withMachineLock<T>(work: () => Promise<T>): Promise<T> {
  const holder = spawn(
    'flock',
    ['--wait', String(WAIT_SECONDS), '/var/lib', 'sh', '-c', 'echo locked; exec cat'],
    {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { PATH: SYSTEM_PATH },
    },
  );
  const ended = once(holder, 'close');
  const first = await Promise.race([once(holder.stdout, 'data').then(() => 'locked' as const), ended]);
  if (first !== 'locked') {
    throw new TestbedError(
      'timed-out',
      `another process has held the testbed lock for ${WAIT_SECONDS} s: see \`fuser -v /var/lib\``,
    );
  }
  try {
    return await work();
  } finally {
    holder.stdin.end();
    await ended;
  }
}

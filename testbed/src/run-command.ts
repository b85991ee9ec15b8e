import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { TestbedError } from './testbed-error.ts';

/** A fixed search path: hosts must not depend on what the caller's shell happens to have in its own. */
export const SYSTEM_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Copying a Debian image on a busy machine takes two minutes; what takes longer than this hangs. */
const LIMIT_MS = 600_000;

export type RunOptions = {
  /** Written to standard input, which is then closed. */
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
};

/**
 * Runs one command to its end and returns its standard output.
 * Throws `TestbedError` `command-failed` with the command's own words, or the signal's reason.
 */
export async function runCommand(command: readonly string[], options: RunOptions = {}): Promise<string> {
  const [program = '', ...args] = command;
  options.signal?.throwIfAborted();
  const child = spawn(program, args, {
    stdio: ['pipe', 'pipe', 'pipe'],
    cwd: '/',
    env: { PATH: SYSTEM_PATH, HOME: '/root', LANG: 'C.UTF-8', ...options.env },
    ...(options.signal && { signal: options.signal }),
  });
  const output: Buffer[] = [];
  const complaints: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => complaints.push(chunk));
  child.stdin.on('error', () => {
    // A command that ends without reading its input is no fault: its exit code decides.
  });
  child.stdin.end(options.input ?? '');
  let code: unknown;
  let killedBy: unknown;
  const called = command.join(' ').slice(0, 300);
  const limit = new AbortController();
  const late = delay(LIMIT_MS, undefined, { signal: limit.signal, ref: false }).then(() => {
    child.kill('SIGKILL');
    // Not its end is waited for: in the kernel's hands it may not even die.
    throw new TestbedError('timed-out', `\`${called}\` has not ended after ${LIMIT_MS / 1000} s`);
  });
  late.catch(() => undefined); // called off
  try {
    [code, killedBy] = await Promise.race([once(child, 'close'), late]);
  } catch (error) {
    options.signal?.throwIfAborted();
    if (error instanceof TestbedError) throw error;
    throw new TestbedError('command-failed', `could not start \`${program}\`: is its package installed?`, {
      cause: error,
    });
  } finally {
    limit.abort();
  }
  options.signal?.throwIfAborted();
  if (code !== 0) {
    const said = (
      Buffer.concat(complaints).toString().trim() || Buffer.concat(output).toString().trim()
    ).slice(-2000);
    throw new TestbedError('command-failed', `\`${called}\` ended with ${String(code ?? killedBy)}: ${said}`);
  }
  return Buffer.concat(output).toString();
}

/**
 * Runs a command on our own terminal, with the whole environment of ours, and returns its exit code.
 * Throws `command-failed` when it cannot be started.
 */
export async function runOnTerminal(
  command: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<number> {
  const [program = '', ...args] = command;
  const child = spawn(program, args, { stdio: 'inherit', env: { ...process.env, ...env } });
  try {
    const [code] = await once(child, 'close');
    return typeof code === 'number' ? code : 1;
  } catch (error) {
    throw new TestbedError('command-failed', `could not start \`${program}\`: is its package installed?`, {
      cause: error,
    });
  }
}

/** Runs `ip` commands, one a line, in one process inside a network namespace (undefined: the machine's own). */
export async function ipBatch(
  namespace: string | undefined,
  lines: readonly string[],
  signal?: AbortSignal,
): Promise<void> {
  const where = namespace === undefined ? [] : ['-n', namespace];
  await runCommand(['ip', ...where, '-batch', '-'], { input: `${lines.join('\n')}\n`, signal });
}

import { spawn } from 'node:child_process';

export type CommandResult = Readonly<{ ok: boolean; seconds: number; timedOut: boolean }>;

/**
 * Runs a command with our output streams, as a process group of its own, and ends the whole group at the limit, so that a
 * hanging test cannot hold the run or leave servers behind.
 */
export function runCommand(
  command: string,
  args: readonly string[],
  options: { cwd: string; env?: NodeJS.ProcessEnv; limitSeconds: number },
): Promise<CommandResult> {
  const started = process.hrtime.bigint();
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'inherit', 'inherit'],
    detached: true,
  });
  let timedOut = false;
  const end = (signal: NodeJS.Signals) => {
    if (child.pid === undefined) return;
    try {
      process.kill(-child.pid, signal);
    } catch {
      // The group has ended already.
    }
  };
  const limit = setTimeout(() => {
    timedOut = true;
    end('SIGTERM');
    setTimeout(() => end('SIGKILL'), 10_000).unref();
  }, options.limitSeconds * 1000);
  const stop = () => end('SIGTERM');
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  return new Promise((resolve) => {
    const finish = (ok: boolean) => {
      clearTimeout(limit);
      process.off('SIGINT', stop);
      process.off('SIGTERM', stop);
      resolve({ ok: ok && !timedOut, seconds: Number(process.hrtime.bigint() - started) / 1e9, timedOut });
    };
    child.on('error', (error) => {
      process.stderr.write(`cannot start ${command}: ${error.message}\n`);
      finish(false);
    });
    child.on('exit', (code) => finish(code === 0));
  });
}

import { once } from 'node:events';
import { type ConsoleCreation, type ConsoleState, openConsole, type TerminalSize } from '@longshore/contract';
import { CliError } from '../cli-error.ts';
import { safeText } from '../output/safe-text.ts';
import type { Run } from '../run.ts';
import { createEscapeKeys } from './escape-keys.ts';

/** A command in an instance has ended with this code, and so does the command line; nothing is to be told. */
export class RemoteExit extends Error {
  override readonly name = 'RemoteExit';
  readonly code: number;

  constructor(code: number) {
    super(`ended with ${code}`);
    this.code = code;
  }
}

type Asked = Omit<ConsoleCreation, 'size'>;

/**
 * Connects this terminal to a console until one side ends: raw keys, sizes, and over lost networks.
 *
 * @throws RemoteExit for a command that ended with another code than 0; CliError where the console ended otherwise
 */
export async function attach(run: Run, instanceId: string, asked: Asked): Promise<void> {
  const { io } = run;
  const { stdin, stdout, stderr } = io;
  const raw = stdin.isTTY === true;
  const tell = (text: string): void =>
    void stderr.write(`[longshore: ${safeText(text)}]${raw ? '\r' : ''}\n`);
  const size = (): TerminalSize => ({ columns: stdout.columns ?? 80, rows: stdout.rows ?? 24 });
  const over = Promise.withResolvers<Extract<ConsoleState, { state: 'closed' }>>();
  let exitCode: number | null = null;
  const baseUrl = await run.serverUrl();

  const connection = openConsole({
    baseUrl,
    ticket: async () => {
      const { value } = await run.call('openConsole', {
        params: { id: instanceId },
        body: { ...asked, size: size() },
      });
      return value;
    },
    async show(bytes) {
      if (!stdout.write(bytes)) await once(stdout, 'drain');
    },
    notice(notice) {
      switch (notice.type) {
        case 'state':
          if (notice.state === 'closed') over.resolve(notice);
          if (notice.state === 'lost') tell('the connection is lost; trying again');
          if (notice.state === 'anew') tell('the session is gone; opening a new one');
          return;
        case 'waiting':
          tell(`waiting for ${notice.who} to be gone`);
          return;
        case 'warning':
          if (notice.about === 'takeover')
            tell(`${notice.who} takes the console over in ${notice.seconds} s`);
          return;
        case 'viewers':
          tell(
            notice.names.length === 0
              ? 'nobody looks along any more'
              : `looking along: ${notice.names.join(', ')}`,
          );
          return;
        case 'exit':
          exitCode = notice.code;
          return;
        default:
      }
    },
  });
  const keys = createEscapeKeys();
  const type = (chunk: Uint8Array): void => {
    if (!raw) {
      connection.type(Uint8Array.from(chunk));
      return;
    }
    const { bytes, leave } = keys.filter(chunk);
    connection.type(bytes);
    if (leave) connection.close();
  };
  const endOfInput = (): void => connection.type(Uint8Array.of(0x04)); // Ctrl-D: a terminal knows no other end
  const resize = (): void => connection.resize(size());
  const leave = (): void => connection.close();
  if (raw) stdin.setRawMode?.(true);
  stdin.on('data', type);
  if (!raw) stdin.once('end', endOfInput);
  stdout.on('resize', resize);
  run.signal.addEventListener('abort', leave, { once: true });
  try {
    const { ending, message } = await over.promise;
    if (ending !== 'ended') throw new CliError('failed', message);
    if (exitCode !== null && exitCode !== 0) throw new RemoteExit(exitCode);
  } finally {
    if (raw) stdin.setRawMode?.(false);
    stdin.off('data', type);
    stdin.off('end', endOfInput);
    stdin.pause();
    stdout.off('resize', resize);
    run.signal.removeEventListener('abort', leave);
  }
}

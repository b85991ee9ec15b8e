import type { Duplex } from 'node:stream';
import WebSocket from 'ws';
import { z } from 'zod';
import type { OperationRef } from './api/operation.ts';
import { apiPath } from './api-path.ts';
import type { ProjectOptions } from './call-options.ts';
import { chunkBytes } from './chunk-bytes.ts';
import { raceSignal, startDeadline } from './deadline.ts';
import { fromNetworkError, isLxdError, LxdError } from './lxd-error.ts';
import type { Operations } from './operations.ts';
import type { Transport } from './transport.ts';
import { openWebSocket, webSocketStream } from './web-socket.ts';

/** What to run, and as whom. `command` is a program with its arguments; no shell is involved. */
export type ExecOptions = ProjectOptions & {
  readonly command: readonly string[];
  readonly user?: number | undefined;
  readonly group?: number | undefined;
  readonly cwd?: string | undefined;
  readonly environment?: Readonly<Record<string, string>> | undefined;
  /** Given to its standard input, which then ends. */
  readonly input?: string | Uint8Array | undefined;
  /** Limit of stdout and of stderr each, in bytes. Default 8 MiB. */
  readonly maxOutputBytes?: number | undefined;
};

/** `exitCode` is 128 + N for a program that signal N ended, 127 for one that was not found (as LXD reports them). */
export type ExecResult = { readonly exitCode: number; readonly stdout: Buffer; readonly stderr: Buffer };

/** A command in a terminal of `columns` by `rows` characters. */
export type InteractiveExecOptions = Omit<ExecOptions, 'input' | 'maxOutputBytes'> & {
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
};

/** A running terminal. `stream` carries its bytes both ways and ends when the command does. */
export type InteractiveSession = {
  readonly stream: Duplex;
  resize(columns: number, rows: number): void;
  /** Sends a signal by number, such as 2 for SIGINT. */
  signal(number: number): void;
  /** Resolves when the command ended; rejects when the connection was lost first. */
  readonly exitCode: Promise<number>;
  /** Hangs up: the command gets SIGHUP. */
  close(): void;
};

const fdsSchema = z.object({ fds: z.record(z.string(), z.string()) });
const returnSchema = z.object({ return: z.number().int() });

/** Websocket secrets of an exec or console operation, by descriptor. */
export function socketSecrets(
  transport: Transport,
  ref: OperationRef,
  path: string,
): Readonly<Record<string, string>> {
  return transport.parse(fdsSchema, ref.operation.metadata, { method: 'POST', path }).fds;
}

/** Opens the operation's websocket number `fd`. */
export async function openFd(
  transport: Transport,
  ref: OperationRef,
  secrets: Readonly<Record<string, string>>,
  fd: string,
  signal: AbortSignal,
): Promise<WebSocket> {
  const secret = secrets[fd];
  const path = apiPath`/1.0/operations/${ref.id}/websocket`;
  if (secret === undefined) {
    const target = `${transport.label} WEBSOCKET ${path}`;
    throw new LxdError({ code: 'bad-reply', message: `no websocket for descriptor ${fd}`, target });
  }
  return await openWebSocket(transport, path, { secret }, signal);
}

/** LXD fails the operation where a shell would report these; Incus and newer LXD report the code. */
const EXIT_CODE_OF_FAILURE: Readonly<Record<string, number>> = {
  'Command not executable': 126,
  'Command not found': 127,
};

async function exitCodeOf(
  transport: Transport,
  operations: Operations,
  ref: OperationRef,
  path: string,
  signal: AbortSignal | undefined,
): Promise<number> {
  try {
    const operation = await operations.wait(ref, { signal });
    return transport.parse(returnSchema, operation.metadata, { method: 'POST', path }).return;
  } catch (error) {
    const code = isLxdError(error, 'operation-failed') ? EXIT_CODE_OF_FAILURE[error.message] : undefined;
    if (code === undefined) throw error;
    return code;
  }
}

async function start(
  transport: Transport,
  name: string,
  options: InteractiveExecOptions,
  interactive: boolean,
  signal: AbortSignal,
): Promise<{ ref: OperationRef; path: string; secrets: Readonly<Record<string, string>> }> {
  const path = apiPath`/1.0/instances/${name}/exec`;
  const ref = await transport.start(
    {
      method: 'POST',
      path,
      query: { project: options.project },
      json: {
        command: options.command,
        environment: options.environment ?? {},
        user: options.user,
        group: options.group,
        cwd: options.cwd,
        interactive,
        'wait-for-websocket': true,
        ...(interactive ? { width: options.columns ?? 80, height: options.rows ?? 24 } : {}),
      },
    },
    { signal },
  );
  return { ref, path, secrets: socketSecrets(transport, ref, path) };
}

/** See `Instances.exec`. */
export async function runCommand(
  transport: Transport,
  operations: Operations,
  name: string,
  options: ExecOptions,
): Promise<ExecResult> {
  const target = `${transport.label} exec in ${name}`;
  const deadline = startDeadline(
    { signal: options.signal, timeoutMs: options.timeoutMs ?? transport.timeoutMs },
    target,
  );
  const sockets: WebSocket[] = [];
  let over = false;
  let control: WebSocket | undefined;
  try {
    const { ref, path, secrets } = await start(transport, name, options, false, deadline.signal);
    const open = async (fd: string): Promise<WebSocket> => {
      const ws = await openFd(transport, ref, secrets, fd, deadline.signal);
      if (over) ws.terminate();
      else sockets.push(ws);
      return ws;
    };
    // Control first: the command starts once 0, 1 and 2 are there, and Incus refuses a control socket after its end.
    control = await open('control');
    const [stdin, stdout, stderr] = await Promise.all([open('0'), open('1'), open('2')]);
    guardSocket(control);
    control.resume();
    const limit = options.maxOutputBytes ?? 8 * 1024 * 1024;
    const input = webSocketStream(stdin, target);
    input.on('error', () => {
      // A command may end without reading its input; its output and exit code tell all that matters.
    });
    input.resume();
    input.end(options.input ?? '');
    const work = Promise.all([
      collect(webSocketStream(stdout, target), limit, 'stdout', target),
      collect(webSocketStream(stderr, target), limit, 'stderr', target),
    ]);
    const [out, err] = await raceSignal(work, deadline.signal);
    input.destroy();
    const exitCode = await exitCodeOf(transport, operations, ref, path, deadline.signal);
    return { exitCode, stdout: out, stderr: err };
  } catch (error) {
    // It would run on for ever, unseen. Closing the sockets alone does not end it.
    if (control?.readyState === WebSocket.OPEN) control.send(signalMessage(9));
    throw deadline.signal.aborted ? deadline.signal.reason : fromNetworkError(error, target);
  } finally {
    over = true;
    deadline.end();
    for (const ws of sockets) closeSoon(ws);
  }
}

/** See `Instances.execInteractive`. */
export async function startInteractive(
  transport: Transport,
  operations: Operations,
  name: string,
  options: InteractiveExecOptions,
): Promise<InteractiveSession> {
  const target = `${transport.label} terminal in ${name}`;
  const deadline = startDeadline(
    { signal: options.signal, timeoutMs: options.timeoutMs ?? transport.timeoutMs },
    target,
  );
  const opened: WebSocket[] = [];
  try {
    const { ref, path, secrets } = await start(transport, name, options, true, deadline.signal);
    const control = await openFd(transport, ref, secrets, 'control', deadline.signal);
    opened.push(control);
    const data = await openFd(transport, ref, secrets, '0', deadline.signal);
    opened.push(data);
    guardSocket(control);
    control.resume();
    const stream = webSocketStream(data, target);
    const send = (message: string): void => {
      if (control.readyState === WebSocket.OPEN) control.send(message);
    };
    const close = (): void => {
      stream.destroy();
      closeSoon(control);
    };
    // LXD leaves the operation running until our side of the data socket is closed, too.
    stream.once('end', () => data.close());
    const lost = new Promise<never>((_, reject) => stream.once('error', reject));
    const exitCode = Promise.race([exitCodeOf(transport, operations, ref, path, options.signal), lost]);
    exitCode.then(close, close);
    return {
      stream,
      exitCode,
      close,
      resize: (columns, rows) => send(resizeMessage(columns, rows)),
      signal: (number) => send(signalMessage(number)),
    };
  } catch (error) {
    for (const ws of opened) ws.terminate();
    throw error;
  } finally {
    deadline.end();
  }
}

/** Control message that gives a terminal its size. Source: LXD api/instance_exec.go `InstanceExecControl`. */
export function resizeMessage(columns: number, rows: number): string {
  return JSON.stringify({ command: 'window-resize', args: { width: String(columns), height: String(rows) } });
}

function signalMessage(number: number): string {
  return JSON.stringify({ command: 'signal', signal: number });
}

/** A control socket carries nothing to us; its loss shows on the data socket. */
export function guardSocket(ws: WebSocket): void {
  ws.on('error', () => {
    // See above: the data socket of the same operation reports the loss.
  });
}

/** Closes politely and does not wait for the other side longer than ws does by itself (30 s). */
export function closeSoon(ws: WebSocket): void {
  guardSocket(ws);
  if (ws.isPaused) ws.resume();
  ws.close();
}

async function collect(stream: Duplex, limit: number, what: string, target: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    const bytes = chunkBytes(chunk);
    size += bytes.length;
    if (size > limit) {
      throw new LxdError({
        code: 'too-large',
        message: `${what} is larger than the limit of ${limit} bytes`,
        target,
      });
    }
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}

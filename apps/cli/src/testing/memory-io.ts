import { PassThrough, Readable, Writable } from 'node:stream';
import type { CliIo } from '../cli-io.ts';
import { runCli } from '../run-cli.ts';

/** What one command line wrote and ended with. */
export type Outcome = Readonly<{ exit: number; out: string; err: string }>;

export type MemoryOptions = Readonly<{
  env?: Readonly<Record<string, string>>;
  stdin?: string;
  /** Columns of a terminal on standard output; none by default. */
  columns?: number;
  interrupt?: AbortController;
  fetch?: typeof fetch;
  now?: Date;
}>;

/** Runs a command line in this process on streams in memory. */
export async function runInMemory(argv: readonly string[], options: MemoryOptions = {}): Promise<Outcome> {
  const out = sink(options.columns);
  const err = sink(undefined);
  const { now } = options;
  const io: CliIo = {
    stdin: options.stdin === undefined ? new PassThrough() : Readable.from([options.stdin]),
    stdout: out.stream,
    stderr: err.stream,
    env: options.env ?? {},
    now: now === undefined ? () => new Date() : () => now,
    interrupt: options.interrupt ?? new AbortController(),
    ...(options.fetch === undefined ? {} : { fetch: options.fetch }),
  };
  const exit = await runCli(argv, io);
  return { exit, out: out.text(), err: err.text() };
}

function sink(columns: number | undefined) {
  let text = '';
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      text += chunk.toString();
      done();
    },
  });
  return {
    stream: columns === undefined ? stream : Object.assign(stream, { isTTY: true, columns }),
    text: () => text,
  };
}

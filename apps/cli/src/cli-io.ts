import type { Readable, Writable } from 'node:stream';

/** A stream that may be a terminal. */
export type Screen = Writable & Readonly<{ isTTY?: boolean; columns?: number; rows?: number }>;

/** All that the command touches outside itself, so that a test can run it in process. */
export type CliIo = Readonly<{
  stdin: Readable & Readonly<{ isTTY?: boolean }> & { setRawMode?(raw: boolean): unknown };
  stdout: Screen;
  stderr: Screen;
  env: Readonly<Record<string, string | undefined>>;
  now: () => Date;
  fetch?: typeof fetch;
  /** Aborted by Ctrl-C. */
  interrupt: AbortController;
}>;

/** True where colours are wanted: on a terminal, unless `NO_COLOR` is set (https://no-color.org). */
export function wantsColour(io: CliIo, screen: Screen): boolean {
  return screen.isTTY === true && (io.env.NO_COLOR ?? '') === '' && io.env.TERM !== 'dumb';
}

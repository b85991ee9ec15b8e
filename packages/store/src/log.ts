/** One log method: structured fields first, then the message (the shape of pino). */
export type LogMethod = (fields: Readonly<Record<string, unknown>>, message: string) => void;

/** Where the store reports what no caller is there to hear. A pino logger fits. */
export interface Log {
  readonly debug: LogMethod;
  readonly info: LogMethod;
  readonly warn: LogMethod;
  readonly error: LogMethod;
}

const ignore: LogMethod = () => undefined;

/** A log that keeps nothing. */
export const silentLog: Log = { debug: ignore, info: ignore, warn: ignore, error: ignore };

import { type Client, createClient } from '@longshore/contract';
import type { Command } from 'commander';
import { type ChosenServer, chooseServer } from './choose-server.ts';
import { CliError } from './cli-error.ts';
import { type CliIo, wantsColour } from './cli-io.ts';

/** How results are written. */
export type Format = 'table' | 'json' | 'yaml' | 'quiet';

/** One call of the command: where it writes, how, and the server it talks to. */
export type Run = Readonly<{
  io: CliIo;
  format: Format;
  colour: boolean;
  /** Aborted by Ctrl-C. */
  signal: AbortSignal;
  /** The API; the server is chosen at the first use. Each call ends with Ctrl-C. */
  call: Client['call'];
  client(): Promise<Client>;
  /** Address of the chosen server. */
  serverUrl(): Promise<string>;
  /** The project to work in where none is named: LONGSHORE_PROJECT, or that of the context. */
  project(): Promise<string | undefined>;
}>;

/** Options that every command may have; each checks that it has got what it declared. */
type Common = Readonly<{
  context?: string;
  server?: string;
  json?: boolean;
  yaml?: boolean;
  quiet?: boolean;
}>;

/** Begins a run from what commander has parsed. */
export function openRun(io: CliIo, command: Command): Run {
  const options: Common = command.optsWithGlobals();
  let client: Promise<Client> | undefined;
  const open = () => {
    client ??= connect(io, options);
    return client;
  };
  const { signal } = io.interrupt;
  return {
    io,
    format: formatOf(options),
    colour: wantsColour(io, io.stdout),
    signal,
    client: open,
    serverUrl: async () => (await choose(io, options)).url,
    project: async () => io.env.LONGSHORE_PROJECT || (await choose(io, options)).project,
    call: async (id, input) => (await open()).call(id, { signal, ...input }),
  };
}

async function connect(io: CliIo, options: Common): Promise<Client> {
  const { url, token } = await choose(io, options);
  return clientFor(io, url, token);
}

function choose(io: CliIo, options: Common): Promise<ChosenServer> {
  return chooseServer({
    env: io.env,
    ...(options.context === undefined ? {} : { context: options.context }),
    ...(options.server === undefined ? {} : { server: options.server }),
  });
}

/** A client of a server with what this command says of itself. */
export function clientFor(io: CliIo, url: string, token: string | undefined): Client {
  return createClient({
    url,
    userAgent: 'longshore-cli',
    ...(token === undefined ? {} : { token }),
    ...(io.fetch === undefined ? {} : { fetch: io.fetch }),
  });
}

function formatOf(options: Common): Format {
  const asked = (['json', 'yaml', 'quiet'] as const).filter((each) => options[each] === true);
  if (asked.length > 1)
    throw new CliError('usage', `--${asked.join(' and --')} exclude each other.`, { hint: 'Give one.' });
  return asked[0] ?? 'table';
}

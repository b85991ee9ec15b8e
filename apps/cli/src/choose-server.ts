import { CliError } from './cli-error.ts';
import { type Context, type Contexts, readContexts } from './contexts.ts';

/** What the person said about the server, on the command line and in the environment. */
export type ServerChoice = Readonly<{
  context?: string;
  server?: string;
  env: Readonly<Record<string, string | undefined>>;
}>;

/** The server to talk to, the token to show it, and the project of the context that named it. */
export type ChosenServer = Readonly<{ url: string; token?: string; project?: string }>;

/**
 * Chooses the server: options win over the environment, the environment over the current context. A token of a context
 * goes to the server of that context only, never to another address that was given beside it.
 * @throws CliError when there is none, or no such context
 */
export async function chooseServer(choice: ServerChoice): Promise<ChosenServer> {
  const envToken = nonEmpty(choice.env.LONGSHORE_TOKEN);
  if (choice.context !== undefined) {
    const context = named(await readContexts(choice.env), choice.context);
    if (choice.server === undefined) return context;
    return sameServer(choice.server, context.url)
      ? { ...context, url: choice.server }
      : withToken(choice.server, envToken);
  }
  const url = nonEmpty(choice.server) ?? nonEmpty(choice.env.LONGSHORE_URL);
  if (url !== undefined && envToken !== undefined) return { url: checked(url), token: envToken };
  const contexts = await readContexts(choice.env);
  const current = contexts.current === null ? undefined : contexts.contexts[contexts.current];
  if (url === undefined) {
    if (current === undefined) {
      throw new CliError('usage', 'No server is chosen.', {
        hint: 'Add one with `longshore context add NAME URL`, or set LONGSHORE_URL and LONGSHORE_TOKEN.',
      });
    }
    return envToken === undefined ? current : { ...current, token: envToken };
  }
  const known = [current, ...Object.values(contexts.contexts)].find(
    (each) => each !== undefined && sameServer(each.url, url),
  );
  return withToken(checked(url), known?.token);
}

function withToken(url: string, token: string | undefined): ChosenServer {
  return token === undefined ? { url } : { url, token };
}

function named(contexts: Contexts, name: string): Context {
  const found = Object.hasOwn(contexts.contexts, name) ? contexts.contexts[name] : undefined;
  if (found !== undefined) return found;
  const names = Object.keys(contexts.contexts);
  throw new CliError('not-found', `There is no context "${name}".`, {
    hint:
      names.length === 0
        ? 'Add one with `longshore context add NAME URL`.'
        : `There are: ${names.join(', ')}.`,
  });
}

function sameServer(a: string, b: string): boolean {
  return a.replace(/\/+$/, '') === b.replace(/\/+$/, '');
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === undefined || text === '' ? undefined : text;
}

/**
 * An address of a Longshore server without a slash at its end.
 * @throws CliError when it is not http or https, or bears a name and password
 */
export function checked(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  const plain = parsed !== undefined && parsed.username === '' && parsed.search === '' && parsed.hash === '';
  if (plain && ['http:', 'https:'].includes(parsed.protocol)) return url.replace(/\/+$/, '');
  throw new CliError('usage', `"${url}" is not the address of a server.`, {
    hint: 'Write it such as https://longshore.example.org or http://127.0.0.1:8420.',
  });
}

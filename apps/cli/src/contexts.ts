import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readFile, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { CliError } from './cli-error.ts';

/** A server that the person works with, the token for it, and the project they work in there. */
export type Context = Readonly<{ url: string; token: string; project?: string }>;

/** What contexts.json holds. */
export type Contexts = Readonly<{ current: string | null; contexts: Readonly<Record<string, Context>> }>;

type Env = Readonly<Record<string, string | undefined>>;

/** Where contexts are kept: `$XDG_CONFIG_HOME/longshore/contexts.json`, else under `~/.config`. */
export function contextsPath(env: Env): string {
  const base = env.XDG_CONFIG_HOME;
  const config = base === undefined || base === '' ? join(env.HOME ?? homedir(), '.config') : base;
  return join(config, 'longshore', 'contexts.json');
}

/**
 * Reads the contexts; none when there is no file yet. Takes rights of others away from a file that has them, for it
 * holds tokens.
 * @throws CliError when the file is not what this command writes
 */
export async function readContexts(env: Env): Promise<Contexts> {
  const path = contextsPath(env);
  let text: string;
  try {
    text = await readFile(path, 'utf8');
    if (((await stat(path)).mode & 0o077) !== 0) await chmod(path, 0o600);
  } catch (error) {
    if (isMissing(error)) return { current: null, contexts: {} };
    throw new CliError('failed', `The contexts in ${path} cannot be read: ${messageOf(error)}.`, {
      cause: error,
    });
  }
  return parseContexts(path, text);
}

/** Writes the contexts, whole or not at all, readable by their owner alone. */
export async function writeContexts(env: Env, contexts: Contexts): Promise<void> {
  const path = contextsPath(env);
  const temporary = `${path}.${randomBytes(6).toString('hex')}`;
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await writeFile(temporary, `${JSON.stringify(contexts, null, 2)}\n`, { mode: 0o600, flag: 'wx' });
    await rename(temporary, await linkTarget(path));
  } catch (error) {
    await rm(temporary, { force: true });
    throw new CliError('failed', `The contexts cannot be written to ${path}: ${messageOf(error)}.`, {
      cause: error,
    });
  }
}

/** Where a symbolic link leads, so that a link into a folder of dot files stays one. */
async function linkTarget(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    if (isMissing(error)) return path;
    throw error;
  }
}

function parseContexts(path: string, text: string): Contexts {
  const broken = (why: string, cause?: unknown) =>
    new CliError('failed', `${path} cannot be understood: ${why}.`, {
      hint: 'Mend it, or move it away and add the contexts again.',
      ...(cause === undefined ? {} : { cause }),
    });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw broken(messageOf(error), error);
  }
  if (!isRecord(value) || !isRecord(value.contexts)) throw broken('it has no "contexts"');
  const contexts: Record<string, Context> = {};
  for (const [name, each] of Object.entries(value.contexts)) {
    if (!isRecord(each) || typeof each.url !== 'string' || typeof each.token !== 'string')
      throw broken(`context "${name}" has no url and token`);
    const project = typeof each.project === 'string' ? { project: each.project } : {};
    contexts[name] = { url: each.url, token: each.token, ...project };
  }
  const current = typeof value.current === 'string' && value.current in contexts ? value.current : null;
  return { current, contexts };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

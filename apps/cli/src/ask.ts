import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { CliError } from './cli-error.ts';
import { safeBlock } from './output/safe-text.ts';
import type { Run } from './run.ts';

const SECRET_LIMIT_BYTES = 65_536; // the longest trust token is far below

/** True when there is a person to ask. */
export function canAsk(run: Run): boolean {
  return run.io.stdin.isTTY === true && run.io.stderr.isTTY === true;
}

/**
 * Asks a question that is answered with yes or no; `yes` answers it beforehand.
 * @throws CliError `declined`, or `usage` when nobody can be asked
 */
export async function confirm(run: Run, question: string, yes: boolean): Promise<void> {
  if (yes) return;
  if (!canAsk(run)) {
    throw new CliError('usage', `Not done without confirmation.\n${question}`, {
      hint: 'Add --yes where no person can be asked.',
    });
  }
  const answer = await ask(run, `${question} [y/N] `);
  if (!/^y(es)?$/i.test(answer)) throw new CliError('declined', 'Nothing was changed.');
}

/** Asks for a line of text. */
export function ask(run: Run, question: string): Promise<string> {
  return readLine(run, question, run.io.stderr);
}

/** Asks for a secret that does not show on the terminal; without a terminal, reads it from standard input. */
export async function askSecret(run: Run, question: string): Promise<string> {
  if (!canAsk(run)) return readSecret(run);
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  run.io.stderr.write(safeBlock(question));
  try {
    return await readLine(run, '', silent);
  } finally {
    run.io.stderr.write('\n');
  }
}

/**
 * Reads a secret from standard input, without the line end.
 * @throws CliError when there is none
 */
export async function readSecret(run: Run): Promise<string> {
  let text = '';
  for await (const chunk of run.io.stdin) {
    text += String(chunk);
    if (text.length > SECRET_LIMIT_BYTES)
      throw new CliError('usage', 'Standard input is too long for a secret.');
  }
  const secret = text.trim();
  if (secret !== '') return secret;
  throw new CliError('usage', 'Standard input holds no secret.', {
    hint: 'Write it into the command: printf %s "$SECRET" | longshore …',
  });
}

async function readLine(run: Run, question: string, output: Writable): Promise<string> {
  const line = createInterface({ input: run.io.stdin, output, terminal: true });
  const ended = new AbortController();
  // In a terminal's raw mode Ctrl-C comes as a key, Ctrl-D ends the input.
  line.on('SIGINT', () => run.io.interrupt.abort());
  line.on('close', () => ended.abort());
  try {
    const signal = AbortSignal.any([run.signal, ended.signal]);
    return (await line.question(safeBlock(question), { signal })).trim();
  } catch (error) {
    if (run.signal.aborted || !ended.signal.aborted) throw error;
    throw new CliError('declined', 'No answer; nothing was changed.', { cause: error });
  } finally {
    line.close();
  }
}

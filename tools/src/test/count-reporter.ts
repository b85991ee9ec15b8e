import { appendFileSync } from 'node:fs';
import { relative } from 'node:path';
import type { TestEvent } from 'node:test/reporters';

/**
 * Reporter for `node --test`: prints failures whole and the rest as a line per file, and appends one letter per test
 * (P, F, S) to the file named by LONGSHORE_TEST_TALLY, which survives a run that is killed half-way.
 */
export default async function* countReporter(source: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  const tally = (letter: 'P' | 'F' | 'S') => {
    const path = process.env.LONGSHORE_TEST_TALLY;
    if (path !== undefined) appendFileSync(path, letter);
  };
  for await (const event of source) {
    if (event.type === 'test:pass') {
      const { skip, todo, file, name, details } = event.data;
      // A file without tests of its own is reported as one; only real tests count.
      if (details.type === 'suite' || name === file) continue;
      const skipped = skip !== undefined || todo !== undefined;
      tally(skipped ? 'S' : 'P');
      if (skipped) yield `  skipped: ${name}${typeof skip === 'string' ? ` (${skip})` : ''}\n`;
    } else if (event.type === 'test:fail') {
      const { name, file, line, details } = event.data;
      const error = details.error;
      if (details.type === 'suite' && !isOwnFailure(error)) continue;
      tally('F');
      yield `\n  FAILED: ${name}\n    at ${file === undefined ? '?' : relative(process.cwd(), file)}:${line ?? '?'}\n${indent(text(error))}\n`;
    } else if (event.type === 'test:stderr' || event.type === 'test:stdout') {
      yield event.data.message;
    }
  }
}

/** A suite fails by itself in a hook or at load; otherwise it only repeats what its tests said. */
function isOwnFailure(error: unknown): boolean {
  return !(
    typeof error === 'object' &&
    error !== null &&
    'failureType' in error &&
    error.failureType === 'subtestsFailed'
  );
}

function text(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause;
  return cause instanceof Error ? (cause.stack ?? cause.message) : (error.stack ?? error.message);
}

function indent(lines: string): string {
  return lines.replaceAll(/^/gm, '    ');
}

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { PassThrough } from 'node:stream';
import { describe, it } from 'node:test';
import { buildProgram } from '../program.ts';
import { cliPage } from './cli-page.ts';

describe('docs/cli.md', () => {
  it('says what the command says of itself (else: node apps/cli/src/docs/write-cli-page.ts)', () => {
    const program = buildProgram({
      stdin: new PassThrough(),
      stdout: new PassThrough(),
      stderr: new PassThrough(),
      env: {},
      now: () => new Date(),
      interrupt: new AbortController(),
    });
    const page = readFileSync(new URL('../../../../docs/cli.md', import.meta.url), 'utf8');
    assert.equal(page, cliPage(program));
  });
});

import { writeFileSync } from 'node:fs';
import { PassThrough } from 'node:stream';
import { buildProgram } from '../program.ts';
import { cliPage } from './cli-page.ts';

const program = buildProgram({
  stdin: process.stdin,
  stdout: new PassThrough(),
  stderr: new PassThrough(),
  env: {},
  now: () => new Date(),
  interrupt: new AbortController(),
});
writeFileSync(new URL('../../../../docs/cli.md', import.meta.url), cliPage(program));

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ERROR_CODES, type ErrorCode, LongshoreError, problemOf } from '@longshore/contract';
import { OperationFailed, reportOf } from './cli-error.ts';
import { EXIT, EXIT_CODE_TEXT } from './exit-codes.ts';
import { runInMemory } from './testing/memory-io.ts';

const env = { LONGSHORE_URL: 'http://longshore.test', LONGSHORE_TOKEN: 'lsh_test' };

/** A server that refuses everything with one code. */
function refusing(code: ErrorCode): typeof fetch {
  return async () =>
    Response.json(problemOf(new LongshoreError(code, `It is ${code}.\x1b[2J`, { hint: 'Do this.' })), {
      status: ERROR_CODES[code].status,
      headers: { 'content-type': 'application/problem+json' },
    });
}

describe('the exit code', () => {
  it('tells what kind of refusal it was', async () => {
    const expected: readonly (readonly [ErrorCode, number])[] = [
      ['bad-filter', EXIT.usage],
      ['not-found', EXIT.notFound],
      ['unauthenticated', EXIT.denied],
      ['permission-denied', EXIT.denied],
      ['conflict', EXIT.conflict],
      ['busy', EXIT.conflict],
      ['internal', EXIT.failed],
      ['unavailable', EXIT.unreachable],
    ];
    for (const [code, exit] of expected)
      assert.equal((await runInMemory(['host', 'list'], { env, fetch: refusing(code) })).exit, exit, code);
  });

  it('is 6 where nobody answers', async () => {
    const { exit, err } = await runInMemory(['list'], {
      env,
      fetch: async () => {
        throw new TypeError('fetch failed', { cause: new Error('connect ECONNREFUSED') });
      },
    });
    assert.equal(exit, EXIT.unreachable);
    assert.match(err, /cannot be reached: connect ECONNREFUSED/);
  });

  it('is 1 for a failed operation, whatever it failed of', () => {
    const report = reportOf(new OperationFailed('op-1', { code: 'not-found', message: 'No such image.' }));
    assert.equal(report.exit, EXIT.failed);
    assert.deepEqual([report.problem.code, report.problem.operation], ['not-found', 'op-1']);
  });

  it('is 130 after Ctrl-C', async () => {
    const interrupt = new AbortController();
    const { exit, err } = await runInMemory(['list'], {
      env,
      interrupt,
      fetch: (_input, init) =>
        new Promise((_, reject) => {
          init?.signal?.addEventListener('abort', () => reject(init.signal?.reason));
          interrupt.abort();
        }),
    });
    assert.equal(exit, EXIT.interrupted);
    assert.match(err, /Interrupted/);
  });

  it('is 2 for a command line that cannot be understood, before any server is asked', async () => {
    const lines = [
      ['lsit'],
      ['host'],
      ['launch', 'debian'],
      ['list', '--limit', '0'],
      ['list', '--columns', 'nope'],
      ['list', '--json', '--yaml'],
      ['stop'],
      ['stop', 'a', '--filter', 'name:b'],
      ['instance', 'configure', 'a'],
      ['create', 'debian', 'a', '--device', 'type=disk'],
      ['host', 'enrol', '--token', 'x', '--socket', '/y'],
      ['host', 'enrol', 'https://10.0.0.1:8443', '--trusted'],
      ['token', 'create', 'x', '--scope', '*', '--expires', 'yesterday'],
      ['help', 'nope'],
    ];
    for (const argv of lines) assert.equal((await runInMemory(argv)).exit, EXIT.usage, argv.join(' '));
  });

  it('is explained by help', async () => {
    const { exit, out } = await runInMemory(['help', 'exit-codes']);
    assert.equal(exit, EXIT.ok);
    assert.deepEqual(
      EXIT_CODE_TEXT.map(([code]) => code).sort((a, b) => a - b),
      Object.values(EXIT).sort((a, b) => a - b),
    );
    for (const [code, text] of EXIT_CODE_TEXT) assert.ok(out.includes(`${code}  ${text}`), String(code));
  });
});

describe('an error', () => {
  it('goes to standard error with its hint, and cannot control the terminal', async () => {
    const { out, err } = await runInMemory(['list'], { env, fetch: refusing('conflict') });
    assert.equal(out, '');
    assert.equal(err, 'Error: It is conflict.\\x1b[2J\nHint: Do this.\n');
  });

  it('is a problem object with --json', async () => {
    const { out, err } = await runInMemory(['list', '--json'], { env, fetch: refusing('busy') });
    assert.equal(out, '');
    assert.deepEqual(JSON.parse(err), {
      type: '/docs#error-busy',
      title: ERROR_CODES.busy.title,
      status: 409,
      code: 'busy',
      detail: 'It is busy.\x1b[2J',
      hint: 'Do this.',
    });
    const own = await runInMemory(['list', '--json', '--nope']);
    assert.equal(JSON.parse(own.err).code, 'usage');
  });

  it('says what to do where no server is chosen', async () => {
    const { exit, err } = await runInMemory(['list'], { env: { XDG_CONFIG_HOME: '/nonexistent' } });
    assert.equal(exit, EXIT.usage);
    assert.match(err, /longshore context add NAME URL/);
  });
});

describe('help', () => {
  it('names every group of commands, examples and the environment', async () => {
    const { exit, out } = await runInMemory(['--help']);
    assert.equal(exit, EXIT.ok);
    for (const part of ['Instances:', 'Fleet:', 'Access:', 'Examples:', 'LONGSHORE_URL', 'exit-codes'])
      assert.ok(out.includes(part), part);
    for (const line of out.split('\n')) assert.ok(line.length <= 100, line);
  });

  it('of a command shows its examples', async () => {
    const { out } = await runInMemory(['help', 'instance', 'move']);
    assert.match(out, /Examples:\n {2}longshore move web1 --host b/);
  });
});

import assert from 'node:assert/strict';
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import { chooseServer } from './choose-server.ts';
import { CliError } from './cli-error.ts';
import { contextsPath, readContexts, writeContexts } from './contexts.ts';
import { runInMemory } from './testing/memory-io.ts';

const work = { url: 'https://work.example', token: 'lsh_work' };
const home = { url: 'http://127.0.0.1:8420', token: 'lsh_home' };
let folder = '';
let env: Record<string, string> = {};

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'longshore-cli-'));
});
beforeEach(async () => {
  env = { XDG_CONFIG_HOME: await mkdtemp(join(folder, 'config-')) };
});
after(() => rm(folder, { recursive: true, force: true }));

describe('the project of a context', () => {
  it('is set when the context is added or used, wins over none, and goes with --no-project', async () => {
    const add = ['context', 'add', 'work', work.url, '--no-check', '--project', 'shop'];
    assert.equal((await runInMemory(add, { env, stdin: 'lsh_work\n' })).exit, 0);
    assert.deepEqual(await chooseServer({ env }), { ...work, project: 'shop' });
    const use = await runInMemory(['context', 'use', 'work', '--project', 'mail'], { env });
    assert.match(use.err + use.out, /work: current, in project mail/);
    assert.equal((await chooseServer({ env })).project, 'mail');
    const { LONGSHORE_URL, LONGSHORE_TOKEN } = { LONGSHORE_URL: home.url, LONGSHORE_TOKEN: home.token };
    assert.deepEqual(await chooseServer({ env: { ...env, LONGSHORE_URL, LONGSHORE_TOKEN } }), home);
    assert.equal((await runInMemory(['context', 'use', 'work', '--no-project'], { env })).exit, 0);
    assert.deepEqual(await chooseServer({ env }), work);
  });
});

describe('the file of contexts', () => {
  it('is readable by its owner alone, also after it was not', async () => {
    assert.deepEqual(await readContexts(env), { current: null, contexts: {} });
    await writeContexts(env, { current: 'work', contexts: { work } });
    const path = contextsPath(env);
    assert.equal((await stat(path)).mode & 0o777, 0o600);
    assert.equal((await stat(dirname(path))).mode & 0o777, 0o700);
    await chmod(path, 0o644);
    assert.deepEqual(await readContexts(env), { current: 'work', contexts: { work } });
    assert.equal((await stat(path)).mode & 0o777, 0o600);
    assert.deepEqual(await readdir(dirname(path)), ['contexts.json']);
  });

  it('is refused with its path when something else is in it, and left as it is', async () => {
    await writeContexts(env, { current: null, contexts: {} });
    await writeFile(contextsPath(env), '{"contexts": {"work": 1}}');
    const { exit, err } = await runInMemory(['context', 'list'], { env });
    assert.equal(exit, 1);
    assert.match(err, /contexts\.json cannot be understood: context "work" has no url and token/);
    assert.equal(await readFile(contextsPath(env), 'utf8'), '{"contexts": {"work": 1}}');
  });

  it('is changed by the commands, which read the token from standard input', async () => {
    const add = (name: string, url: string, ...more: string[]) =>
      runInMemory(['context', 'add', name, url, '--no-check', ...more], { env, stdin: `lsh_${name}\n` });
    assert.equal((await add('work', `${work.url}/`)).exit, 0);
    assert.equal((await add('home', home.url)).exit, 0);
    assert.deepEqual(await readContexts(env), { current: 'work', contexts: { work, home } });
    const list = await runInMemory(['context', 'list'], { env });
    assert.match(list.out, /work +https:\/\/work\.example +- +yes\nhome +http:\/\/127\.0\.0\.1:8420 +- +-\n/);
    assert.doesNotMatch(list.out, /lsh_/);
    assert.equal((await runInMemory(['context', 'use', 'home'], { env })).exit, 0);
    assert.equal((await runInMemory(['context', 'remove', 'work'], { env })).exit, 0);
    assert.deepEqual(await readContexts(env), { current: 'home', contexts: { home } });
    assert.equal((await runInMemory(['context', 'use', 'work'], { env })).exit, 3);
  });
});

describe('the server to talk to', () => {
  it('comes from options before the environment before the current context', async () => {
    await writeContexts(env, { current: 'work', contexts: { work, home } });
    const LONGSHORE_URL = 'https://env.example';
    const LONGSHORE_TOKEN = 'lsh_env';
    assert.deepEqual(await chooseServer({ env }), work);
    assert.deepEqual(await chooseServer({ env: { ...env, LONGSHORE_URL, LONGSHORE_TOKEN } }), {
      url: LONGSHORE_URL,
      token: LONGSHORE_TOKEN,
    });
    assert.deepEqual(
      await chooseServer({ env: { ...env, LONGSHORE_URL, LONGSHORE_TOKEN }, context: 'home' }),
      home,
    );
  });

  it("never gets the token of another server's context", async () => {
    await writeContexts(env, { current: 'work', contexts: { work, home } });
    const other = { url: 'https://other.example' };
    assert.deepEqual(await chooseServer({ env, server: other.url }), other);
    assert.deepEqual(await chooseServer({ env, server: other.url, context: 'work' }), other);
    assert.deepEqual(await chooseServer({ env: { ...env, LONGSHORE_URL: other.url } }), other);
    assert.deepEqual(await chooseServer({ env, server: `${home.url}/` }), home);
  });

  it('must be chosen, and be an address', async () => {
    const failsWith = (text: RegExp) => (error: unknown) =>
      error instanceof CliError && text.test(error.message);
    await assert.rejects(chooseServer({ env }), failsWith(/No server is chosen/));
    await assert.rejects(chooseServer({ env, context: 'nope' }), failsWith(/no context "nope"/));
    for (const server of ['localhost:8420', 'ftp://a', 'https://user:secret@a.example', ''])
      await assert.rejects(chooseServer({ env, server }), CliError);
  });
});

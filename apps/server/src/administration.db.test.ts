import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createClient } from '@longshore/contract';
import { type LongshoreProcess, startLongshore } from '@longshore/testbed';

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url));

describe('an administrator on the machine itself', () => {
  const running: LongshoreProcess[] = [];
  const folders: string[] = [];

  after(async () => {
    for (const server of running) await server.stop();
    for (const folder of folders) await rm(folder, { recursive: true, force: true });
  });

  const makeFolder = async () => {
    const folder = await mkdtemp(join(tmpdir(), 'longshore-admin-'));
    folders.push(folder);
    return folder;
  };
  const server = async (options: Parameters<typeof startLongshore>[0]) => {
    const started = await startLongshore(options);
    running.push(started);
    return started;
  };
  const command = async (dataDir: string, ...words: string[]) =>
    (
      await promisify(execFile)(process.execPath, [MAIN, ...words], {
        env: { ...process.env, LONGSHORE_DATA: dataDir },
      })
    ).stdout;

  it('makes a token and a set-up link beside a running server, backs up, and restores elsewhere with all tokens', async () => {
    const [first, second] = [await makeFolder(), await makeFolder()];
    const one = await server({ dataDir: first });
    const rescue = (await command(first, 'admin-token')).trim();
    const { value } = await createClient({ url: one.url, token: rescue }).call('getServer');
    assert.ok(value.token?.permissions.includes('tokens:write'));
    const link = new URL((await command(first, 'setup-link')).trim());
    const code = link.hash.slice(1);
    const made = await createClient({ url: one.url }).call('redeemSetup', { body: { code } });
    assert.deepEqual(made.value.scopes, ['*']);
    const file = join(first, 'backup');
    assert.match(await command(first, 'backup', file), /rows of \d+ tables/);
    await one.end('SIGTERM');
    await command(second, 'restore', file);
    // The backup holds sealed values only; their keys travel apart from it.
    await copyFile(join(first, 'sealing-keys'), join(second, 'sealing-keys'));
    const two = await server({ dataDir: second, token: rescue });
    await createClient({ url: two.url, token: rescue }).call('listTokens');
  });

  it('refuses to restore into a database that is in use', async () => {
    const folder = await makeFolder();
    const one = await server({ dataDir: folder });
    const file = join(folder, 'backup');
    await command(folder, 'backup', file);
    await assert.rejects(command(folder, 'restore', file), (error: Error) =>
      /empty|holds/.test(error.message),
    );
    await createClient({ url: one.url, token: one.token }).call('getServer');
  });

  it('rotates the sealing keys, after which a restarted server still opens its secrets', async () => {
    const folder = await makeFolder();
    const one = await server({ dataDir: folder });
    await one.end('SIGTERM');
    assert.match(await command(folder, 'rotate-keys'), /[1-9]\d* values? were sealed anew/);
    const again = await server({ dataDir: folder, token: one.token });
    const { value } = await createClient({ url: again.url, token: one.token }).call('getServer');
    assert.match(value.clientCertificate.pem, /BEGIN CERTIFICATE/);
  });

  it('says in one line what is wrong with the configuration', async () => {
    await assert.rejects(
      promisify(execFile)(process.execPath, [MAIN, 'serve'], {
        env: { ...process.env, LONGSHORE_LISTEN: 'nowhere' },
      }),
      (error: Error & { stderr?: string }) =>
        error.stderr === 'longshore: LONGSHORE_LISTEN: use ADDRESS:PORT, such as 127.0.0.1:8420\n',
    );
  });
});

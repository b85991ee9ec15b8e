import assert from 'node:assert/strict';
import type { Duplex } from 'node:stream';
import { after, before, describe, it } from 'node:test';
import type { LxdClient } from './lxd-client.ts';
import { isLxdError } from './lxd-error.ts';
import { launch, openRealHosts, type RealHosts } from './testing/real-hosts.ts';

let hosts: RealHosts | undefined;

before(async () => {
  hosts = await openRealHosts('lxdin');
});
after(async () => {
  await hosts?.[Symbol.asyncDispose]();
});

const timeout = 60_000;

/** Types `line` until its echo shows, then returns all that was shown: a console takes input only after a while. */
async function typeUntil(stream: Duplex, line: string, shown: string): Promise<string> {
  let text = '';
  stream.on('data', (data) => {
    text += String(data);
  });
  while (!text.includes(shown)) {
    stream.write(line);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  return text;
}

for (const kind of ['lxd', 'incus'] as const) {
  describe(`inside an instance on ${kind}`, () => {
    let client: LxdClient;
    before(async () => {
      assert.ok(hosts);
      client = hosts[kind].client;
      await launch(client, 'c1');
    });

    it('runs a command with input, user, directory and environment, and keeps its outputs apart', {
      timeout,
    }, async () => {
      const script = 'cat; id -u; pwd; echo $WHAT; echo bad >&2; exit 3';
      const result = await client.instances.exec('c1', {
        command: ['sh', '-c', script],
        input: 'in\n',
        user: 1000,
        cwd: '/tmp',
        environment: { WHAT: 'this' },
      });
      assert.deepEqual(
        { ...result, stdout: result.stdout.toString(), stderr: result.stderr.toString() },
        { exitCode: 3, stdout: 'in\n1000\n/tmp\nthis\n', stderr: 'bad\n' },
      );
    });

    it('passes megabytes both ways, and to a command that does not listen', { timeout }, async () => {
      const input = Buffer.alloc(3_000_000, 'x');
      const echoed = await client.instances.exec('c1', { command: ['cat'], input });
      assert.equal(Buffer.compare(echoed.stdout, input), 0);
      assert.equal((await client.instances.exec('c1', { command: ['true'], input })).exitCode, 0);
    });

    it('reports commands that are missing or cannot run as a shell would', { timeout }, async () => {
      assert.equal((await client.instances.exec('c1', { command: ['/no/such'] })).exitCode, 127);
      assert.equal((await client.instances.exec('c1', { command: ['/etc/passwd'] })).exitCode, 126);
    });

    it('kills what runs too long or says too much', { timeout }, async () => {
      const sleep = client.instances.exec('c1', { command: ['sleep', '7654'], timeoutMs: 1000 });
      await assert.rejects(sleep, (e) => isLxdError(e, 'timeout'));
      const chatter = client.instances.exec('c1', { command: ['yes', '7654'], maxOutputBytes: 10_000 });
      await assert.rejects(chatter, (e) => isLxdError(e, 'too-large'));
      let running = '7654';
      while (running.includes('7654')) {
        running = (await client.instances.exec('c1', { command: ['ps'] })).stdout.toString();
      }
    });

    it('gives a terminal with a size, and its exit code', { timeout }, async () => {
      const terminal = await client.instances.execInteractive('c1', {
        command: ['sh'],
        columns: 101,
        rows: 33,
      });
      assert.match(await typeUntil(terminal.stream, 'stty size\n', '33 101'), /33 101/);
      terminal.resize(77, 22);
      await typeUntil(terminal.stream, 'stty size\n', '22 77');
      terminal.stream.write('exit 7\n');
      assert.equal(await terminal.exitCode, 7);
    });

    it('signals and hangs up a terminal', { timeout }, async () => {
      const signalled = await client.instances.execInteractive('c1', { command: ['sleep', '100'] });
      signalled.stream.resume();
      signalled.signal(15);
      assert.equal(await signalled.exitCode, 128 + 15);
      const left = await client.instances.execInteractive('c1', { command: ['sleep', '100'] });
      left.close();
      assert.ok((await left.exitCode) > 128, 'ended by a signal');
    });

    it('attaches to the console and detaches', { timeout }, async () => {
      const session = await client.instances.console('c1', { type: 'console' });
      const stream = await session.open();
      await typeUntil(stream, '\necho A$((1+1))B\n', 'A2B');
      session.close();
      await session.closed;
      assert.match(await client.instances.consoleLog('c1'), /A2B/);
    });

    it('writes, appends, reads, links, lists and deletes files with their owners', { timeout }, async () => {
      const { files } = client.instances;
      await files.write('c1', '/root/d', { kind: 'directory', mode: 0o750 });
      await files.write('c1', '/root/d/f', { content: 'hello', mode: 0o640, uid: 5, gid: 6 });
      await files.write('c1', '/root/d/f', { content: ' you', append: true });
      await files.write('c1', '/root/d/l', { kind: 'symlink', target: 'f' });
      assert.deepEqual(await files.read('c1', '/root/d/f'), {
        kind: 'file',
        mode: 0o640,
        uid: 5,
        gid: 6,
        content: Buffer.from('hello you'),
      });
      assert.deepEqual([...(await files.list('c1', '/root/d'))].sort(), ['f', 'l']);
      const link = await files.read('c1', '/root/d/l');
      assert.ok(link.kind === 'symlink' && /(^|\/)f$/.test(link.target));
      await assert.rejects(files.list('c1', '/root/d/f'), (e) => isLxdError(e, 'bad-request'));
      await assert.rejects(files.read('c1', '/bin/busybox', { maxBytes: 1000 }), (e) =>
        isLxdError(e, 'too-large'),
      );
      const { body, bytes } = await files.readStream('c1', '/bin/busybox');
      let size = 0;
      for await (const chunk of body) size += chunk.length;
      assert.equal(size, bytes);
      await files.delete('c1', '/root/d/f');
      await assert.rejects(files.read('c1', '/root/d/f'), (e) => isLxdError(e, 'not-found'));
    });

    it('makes a new instance of an exported backup', { timeout }, async () => {
      const { instances, operations } = client;
      await launch(client, 'c2', { start: false });
      await instances.files.write('c2', '/root/mark', { content: 'mine' });
      await operations.wait(await instances.backups.create('c2', { name: 'b1' }));
      const { body } = await instances.backups.export('c2', 'b1');
      await operations.wait(await instances.backups.import(body, { name: 'c3' }));
      const mark = await instances.files.read('c3', '/root/mark');
      assert.ok(mark.kind === 'file' && mark.content.toString() === 'mine');
      await operations.wait(await instances.backups.delete('c2', 'b1'));
      assert.deepEqual(await instances.backups.list('c2'), []);
    });
  });
}

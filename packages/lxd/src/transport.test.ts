import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createLxdClient } from './lxd-client.ts';
import { isLxdError, type LxdErrorCode } from './lxd-error.ts';
import { reply, replyError, startScriptedServer } from './testing/scripted-server.ts';

const code =
  (wanted: LxdErrorCode, message = /(?:)/) =>
  (error: unknown): boolean => {
    assert.ok(isLxdError(error), String(error));
    assert.equal(error.code, wanted);
    assert.match(error.message, message);
    assert.ok(error.hint.length > 0);
    return true;
  };

const silence = (): void => {
  // Never answers.
};

describe('a call', () => {
  it('ends at its deadline when the server is silent', async () => {
    await using server = await startScriptedServer({ onRequest: silence });
    await assert.rejects(server.client.projects.list({ timeoutMs: 50 }), code('timeout'));
  });

  it('ends at its deadline when the answer trickles for ever', async () => {
    await using server = await startScriptedServer({
      onRequest: (_, response) => {
        response.writeHead(200);
        const timer = setInterval(() => response.write(' '), 5);
        response.once('close', () => clearInterval(timer));
      },
    });
    await assert.rejects(server.client.projects.list({ timeoutMs: 100 }), code('timeout'));
  });

  it('ends when its caller gives up, also before it began', async () => {
    const abort = new AbortController();
    await using server = await startScriptedServer({ onRequest: () => abort.abort() });
    await assert.rejects(server.client.projects.list({ signal: abort.signal }), code('aborted'));
    await assert.rejects(server.client.projects.list({ signal: abort.signal }), code('aborted'));
    assert.equal(server.requests.length, 1);
  });

  it('refuses an answer beyond the limit, however long it would go on', async () => {
    await using server = await startScriptedServer(
      {
        onRequest: (_, response) => {
          response.writeHead(200);
          const block = Buffer.alloc(64 * 1024, 0x20);
          const more = (): void => {
            while (response.writable && response.write(block));
          };
          response.on('drain', more);
          more();
        },
      },
      { maxReplyBytes: 1_000_000 },
    );
    await assert.rejects(server.client.projects.list(), code('too-large', /1000000 bytes/));
  });

  it('takes less for one object than for a list of many', async () => {
    const text = 'x'.repeat(17 * 2 ** 20);
    await using server = await startScriptedServer({
      onRequest: (_, response) => response.end(JSON.stringify({ type: 'sync', metadata: [text] })),
    });
    await assert.rejects(server.client.server.get(), code('too-large', /16777216 bytes/));
    await assert.rejects(server.client.instances.getFull('a'), code('too-large', /16777216 bytes/));
    await assert.rejects(server.client.projects.list(), code('bad-reply', /expected object/));
  });

  it('says bad-reply for garbage and for shapes the API does not have, naming the field', async () => {
    const answers = ['<html>', '{}', '{"type":"sync"}', '{"type":"sync","metadata":[{"name":7}]}'];
    await using server = await startScriptedServer({
      onRequest: (_, response) => response.end(answers.shift()),
    });
    await assert.rejects(server.client.projects.list(), code('bad-reply', /not JSON/));
    await assert.rejects(server.client.projects.list(), code('bad-reply'));
    await assert.rejects(server.client.projects.list(), code('bad-reply'));
    await assert.rejects(server.client.projects.list(), code('bad-reply', /0\.name/));
  });

  it('says not-lxd when something else answers for /1.0', async () => {
    const statuses = [200, 404, 301];
    await using server = await startScriptedServer({
      onRequest: (_, response) =>
        response.writeHead(statuses.shift() ?? 500).end('<h1>Welcome to nginx</h1>'),
    });
    for (const _ of [...statuses]) await assert.rejects(server.client.server.get(), code('not-lxd'));
  });

  it("gives the server's refusals their own codes, whatever status the product chose", async () => {
    const cases: [number, string, LxdErrorCode][] = [
      [403, 'not authorized', 'forbidden'],
      [500, 'User does not have permissions for project "x"', 'forbidden'],
      [404, 'Instance not found', 'not-found'],
      [409, 'Already exists', 'conflict'],
      [500, 'This console is already connected. Force is required to take it over.', 'conflict'],
      [412, "ETag doesn't match: a vs b", 'precondition-failed'],
      [400, 'Instance is running', 'bad-request'],
      [500, 'Something broke', 'server-error'],
    ];
    const queue = [...cases];
    await using server = await startScriptedServer({
      onRequest: (_, response) => {
        const [status, text] = queue.shift() ?? [500, ''];
        replyError(response, status, text);
      },
    });
    for (const [, text, wanted] of cases) {
      await assert.rejects(server.client.projects.list(), (error) => {
        assert.ok(code(wanted)(error) && isLxdError(error));
        assert.equal(error.message, text);
        return true;
      });
    }
  });

  it('repeats a read whose kept connection broke, and never a change', async () => {
    let breakNext = false;
    await using server = await startScriptedServer({
      onRequest: (request, response) => {
        if (breakNext) request.socket.destroy();
        else reply(response, []);
        breakNext = false;
      },
    });
    await server.client.projects.list();
    breakNext = true;
    assert.deepEqual(await server.client.projects.list(), []);
    breakNext = true;
    await assert.rejects(server.client.profiles.create({ name: 'once' }), code('unreachable'));
    assert.equal(server.requests.filter((line) => line.startsWith('POST')).length, 1);
  });

  it('keeps names from hostile hosts within their segment of the path', async () => {
    await using server = await startScriptedServer({
      onRequest: (_, response) => replyError(response, 404, 'no'),
    });
    await assert.rejects(
      server.client.instances.get('../certificates?x#y', { project: 'a&b' }),
      code('not-found'),
    );
    await assert.rejects(server.client.instances.get('..'), code('bad-request'));
    await assert.rejects(server.client.instances.get(''), code('bad-request'));
    assert.deepEqual(server.requests, ['GET /1.0/instances/..%2Fcertificates%3Fx%23y?project=a%26b']);
  });

  it('sends the tag it read with the change', async () => {
    const tags: unknown[] = [];
    await using server = await startScriptedServer({
      onRequest: (request, response) => {
        tags.push(request.headers['if-match']);
        reply(response, { name: 'p', config: null, devices: null, used_by: null }, { etag: '"v1"' });
      },
    });
    const { value, etag } = await server.client.profiles.get('p');
    assert.deepEqual(value, {
      name: 'p',
      description: '',
      config: {},
      devices: {},
      used_by: [],
      project: 'default',
    });
    await server.client.profiles.update('p', value, { etag });
    assert.deepEqual(tags, [undefined, '"v1"']);
  });

  it('keeps secrets in queries out of errors', async () => {
    await using server = await startScriptedServer({
      onRequest: (_, response) => replyError(response, 404, 'gone'),
    });
    await assert.rejects(server.client.images.export('abcdef', { secret: 'hush' }), (error) => {
      assert.ok(isLxdError(error, 'not-found'));
      assert.ok(server.requests.some((line) => line.includes('hush')));
      assert.doesNotMatch(`${error.message} ${error.target} ${error.hint} ${error.stack}`, /hush/);
      return true;
    });
  });
});

describe('a download', () => {
  it('goes on as long as bytes come, and ends after a silence', async () => {
    await using server = await startScriptedServer({
      onRequest: (_, response) => {
        response.writeHead(200, { 'content-type': 'application/octet-stream' });
        let left = 8;
        const timer = setInterval(() => {
          response.write('x');
          left -= 1;
          if (left === 0) clearInterval(timer); // and never ends
        }, 300);
        response.once('close', () => clearInterval(timer));
      },
    });
    // Eight pieces take longer than the limit, each for itself does not.
    const { body } = await server.client.images.export('abcdef', { timeoutMs: 2000 });
    let got = '';
    const read = async (): Promise<void> => {
      for await (const chunk of body) got += chunk;
    };
    await assert.rejects(read(), code('timeout'));
    assert.equal(got, 'xxxxxxxx');
  });
});

describe('a download nobody reads', () => {
  it('lets go of its connection when destroyed, or after the silence', { timeout: 30_000 }, async () => {
    let open = 0;
    await using server = await startScriptedServer({
      onRequest: (_, response) => {
        open += 1;
        response.once('close', () => {
          open -= 1;
        });
        response.writeHead(200).write('x');
      },
    });
    const dropped = await server.client.images.export('abcdef');
    dropped.body.destroy();
    const forgotten = await server.client.images.export('abcdef', { timeoutMs: 1500 });
    const error = await new Promise((resolve) => forgotten.body.once('error', resolve));
    assert.ok(isLxdError(error, 'timeout'));
    while (open > 0) await new Promise((resolve) => setTimeout(resolve, 5));
  });
});

describe('a closed client', () => {
  it('ends what is under way', async () => {
    await using server = await startScriptedServer({ onRequest: () => void server.client.close() });
    await assert.rejects(server.client.projects.list(), code('unreachable', /closed/));
  });

  it('refuses addresses that are no https URL', () => {
    assert.throws(
      () => createLxdClient({ kind: 'https', url: 'http://x', fingerprint: '' }),
      (error) => isLxdError(error, 'bad-request'),
    );
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { WebSocket } from 'ws';
import type { LxdEvent } from './api/event.ts';
import { operationJson, startScriptedServer } from './testing/scripted-server.ts';

const lifecycle = (action: string): string =>
  JSON.stringify({
    type: 'lifecycle',
    timestamp: 't',
    project: 'p',
    metadata: { action, source: '/1.0/instances/c' },
  });

const actions = (events: readonly LxdEvent[]): string[] =>
  events.flatMap((event) => (event.type === 'lifecycle' ? [event.metadata.action] : []));

/** Settles once `condition` holds; the test's own time limit ends a wait in vain. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

const quick = { backoffMs: { first: 1, longest: 5 } };

describe('the event stream', () => {
  it('asks for its types and projects, and delivers in order', { timeout: 30_000 }, async () => {
    await using server = await startScriptedServer({
      onSocket: (socket) => {
        socket.send(lifecycle('instance-created'));
        socket.send(JSON.stringify({ type: 'operation', timestamp: 't', metadata: operationJson('a1') }));
        socket.send(JSON.stringify({ type: 'of-tomorrow', anything: true }));
        socket.send(lifecycle('instance-started'));
      },
    });
    const log: string[] = [];
    server.client.events({
      allProjects: true,
      onConnect: () => log.push('connected'),
      onEvent: (event) => log.push(event.type === 'lifecycle' ? event.metadata.action : event.type),
    });
    await until(() => log.length === 4);
    assert.deepEqual(log, ['connected', 'instance-created', 'operation', 'instance-started']);
    assert.deepEqual(server.requests, ['WEBSOCKET /1.0/events?all-projects=true&type=lifecycle%2Coperation']);
  });

  it('notices a connection that went silent without closing, and opens another', {
    timeout: 30_000,
  }, async () => {
    const opened: WebSocket[] = [];
    await using server = await startScriptedServer({
      onSocket: (socket) => {
        opened.push(socket);
        // The first one never answers a ping (the server does not by itself): a cut cable.
        if (opened.length > 1) {
          socket.on('ping', (data) => socket.pong(data));
          socket.send(lifecycle('after-silence'));
        }
      },
    });
    const reasons: string[] = [];
    const events: LxdEvent[] = [];
    const stream = server.client.events({
      ...quick,
      silenceMs: 2000,
      onEvent: (event) => events.push(event),
      onDisconnect: (reason) => reasons.push(reason.code),
    });
    await until(() => events.length === 1);
    assert.deepEqual(reasons, ['timeout']);
    assert.deepEqual(actions(events), ['after-silence']);
    assert.equal(stream.state, 'open');
  });

  it('reconnects after a close, a refusal and garbage, telling each reason', {
    timeout: 30_000,
  }, async () => {
    let connections = 0;
    await using server = await startScriptedServer({
      onSocket: (socket) => {
        connections += 1;
        if (connections === 1) socket.close();
        else if (connections === 2) socket.send('{"type":"lifecycle","metadata":5}');
        else if (connections === 3) socket.send('not json');
        else socket.send(lifecycle('well'));
      },
    });
    const reasons: string[] = [];
    const events: LxdEvent[] = [];
    server.client.events({
      ...quick,
      onEvent: (event) => events.push(event),
      onDisconnect: (reason) => reasons.push(reason.code),
    });
    await until(() => events.length === 1);
    assert.deepEqual(reasons, ['unreachable', 'bad-reply', 'bad-reply']);
  });

  it('ends an iteration when it is closed, and calls nobody afterwards', { timeout: 30_000 }, async () => {
    await using server = await startScriptedServer({
      onSocket: (socket) => {
        for (const action of ['one', 'two', 'three']) socket.send(lifecycle(action));
      },
    });
    const seen: LxdEvent[] = [];
    let late = 0;
    const stream = server.client.events({
      onDisconnect: () => {
        late += 1;
      },
    });
    for await (const event of stream) {
      seen.push(event);
      if (seen.length === 3) await stream.close();
    }
    assert.deepEqual(actions(seen), ['one', 'two', 'three']);
    assert.equal(stream.state, 'closed');
    assert.equal(late, 0);
  });
});

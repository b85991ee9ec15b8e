import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { describe, it } from 'node:test';
import { createClient } from '@longshore/contract';
import { startLongshore } from '@longshore/testbed';
import { z } from 'zod';

/** As much of OTLP/HTTP JSON as tells who sends which spans (https://opentelemetry.io/docs/specs/otlp/#otlphttp). */
const Traces = z.object({
  resourceSpans: z.array(
    z.object({ scopeSpans: z.array(z.object({ spans: z.array(z.object({ name: z.string() })) })) }),
  ),
});

describe('traces', () => {
  it('reach the configured collector, and name the route that was asked', async () => {
    const spans: string[] = [];
    const take = async (request: IncomingMessage) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(Buffer.from(chunk));
      if (request.url !== '/v1/traces') return;
      const { resourceSpans } = Traces.parse(JSON.parse(Buffer.concat(chunks).toString()));
      for (const { scopeSpans } of resourceSpans) {
        spans.push(...scopeSpans.flatMap((scope) => scope.spans.map((span) => span.name)));
      }
    };
    const collector = createServer((request, response) => {
      take(request).then(
        () => response.setHeader('content-type', 'application/json').end('{}'),
        () => response.writeHead(400).end(),
      );
    });
    collector.listen(0, '127.0.0.1');
    await once(collector, 'listening');
    const address = collector.address();
    assert.ok(typeof address === 'object' && address !== null);
    const longshore = await startLongshore({
      env: { OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${address.port}` },
    });
    await createClient({ url: longshore.url, token: longshore.token }).call('listHosts');
    // What is left is sent at the stop.
    await longshore.stop();
    collector.close();
    assert.ok(
      spans.some((name) => name.includes('/v1/hosts')),
      spans.join(', '),
    );
  });
});

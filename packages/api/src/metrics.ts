import type { FastifyInstance } from 'fastify';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** A figure that is read when `/metrics` is asked for. */
export type MetricSource = Readonly<{
  /** Prometheus name with its unit, such as `longshore_hosts`. */
  name: string;
  help: string;
  labels?: readonly string[];
  /** A counter only grows, from 0 at the start of the process. Default gauge. */
  kind?: 'gauge' | 'counter';
  collect(): Promise<readonly Readonly<{ labels?: Readonly<Record<string, string>>; value: number }>[]>;
}>;

/** The figures of one API. */
export type Metrics = Readonly<{ registry: Registry; observe(app: FastifyInstance): void }>;

/** From a cached read to a wait for an operation; seconds. */
const DURATION_BUCKETS = [0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60];

/** Process figures, durations of requests, and the given sources. A source that fails is left out and reported. */
export function createMetrics(
  sources: readonly MetricSource[],
  failed: (source: string, error: unknown) => void,
): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  for (const source of sources) register(registry, source, failed);
  const durations = new Histogram({
    name: 'longshore_http_request_duration_seconds',
    help: 'Time from a request to the end of its answer.',
    labelNames: ['method', 'route', 'status'],
    buckets: DURATION_BUCKETS,
    registers: [registry],
  });
  return {
    registry,
    observe(app) {
      app.addHook('onResponse', async (request, reply) => {
        // The route's pattern, never the address: one series for each object would have no end.
        const route = request.routeOptions.url ?? 'none';
        durations.observe(
          { method: request.method, route, status: String(reply.raw.statusCode) },
          reply.elapsedTime / 1000,
        );
      });
    },
  };
}

function register(
  registry: Registry,
  source: MetricSource,
  failed: (source: string, error: unknown) => void,
): void {
  const options = {
    name: source.name,
    help: source.help,
    labelNames: [...(source.labels ?? [])],
    registers: [registry],
  };
  const values = async () => {
    try {
      return await source.collect();
    } catch (error) {
      failed(source.name, error);
      return [];
    }
  };
  if (source.kind === 'counter') {
    new Counter({
      ...options,
      async collect() {
        const now = await values();
        this.reset();
        for (const { labels, value } of now) this.inc({ ...labels }, value);
      },
    });
    return;
  }
  new Gauge({
    ...options,
    async collect() {
      const now = await values();
      this.reset();
      for (const { labels, value } of now) this.set({ ...labels }, value);
    },
  });
}

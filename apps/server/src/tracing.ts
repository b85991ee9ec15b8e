import { hostname } from 'node:os';

/** Ends the trace export, sending what is left. */
export type StopTracing = () => Promise<void>;

/**
 * Starts OpenTelemetry traces to an OTLP/HTTP collector (https://opentelemetry.io/docs/specs/otlp/). The libraries are
 * loaded only here, since they would cost tens of MiB of memory where nobody asked for traces.
 */
export async function startTracing(
  endpoint: string,
  version: string,
  workerId: string,
): Promise<StopTracing> {
  const [{ NodeTracerProvider, BatchSpanProcessor }, { OTLPTraceExporter }, { resourceFromAttributes }] =
    await Promise.all([
      import('@opentelemetry/sdk-trace-node'),
      import('@opentelemetry/exporter-trace-otlp-http'),
      import('@opentelemetry/resources'),
    ]);
  const provider = new NodeTracerProvider({
    resource: resourceFromAttributes({
      'service.name': 'longshore',
      'service.version': version,
      'service.instance.id': workerId,
      'host.name': hostname(),
    }),
    spanProcessors: [
      new BatchSpanProcessor(new OTLPTraceExporter({ url: `${endpoint.replace(/\/+$/, '')}/v1/traces` })),
    ],
  });
  provider.register();
  return () => provider.shutdown();
}

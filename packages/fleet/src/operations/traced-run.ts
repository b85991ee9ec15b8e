import { SpanStatusCode, trace } from '@opentelemetry/api';
import type { AnyOperationHandler, RunningOperation, RunOutcome } from './handler.ts';

const tracer = trace.getTracer('longshore.fleet');

/** Runs a handler in a span of its own. Without a configured exporter this costs nothing. */
export function tracedRun(handler: AnyOperationHandler, op: RunningOperation<unknown>): Promise<RunOutcome> {
  const attributes = {
    'longshore.operation': op.id,
    'longshore.attempt': op.attempt,
    'longshore.target': op.target.name,
    ...(op.hostId === null ? {} : { 'longshore.host': op.hostId }),
  };
  return tracer.startActiveSpan(`operation ${op.action}`, { attributes }, async (span) => {
    try {
      return await handler.run(op);
    } catch (error) {
      // The message may hold what a host said; the operation keeps it, a trace needs only that it failed.
      span.setStatus({ code: SpanStatusCode.ERROR });
      throw error;
    } finally {
      span.end();
    }
  });
}

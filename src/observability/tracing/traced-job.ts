import { readTraceContext, traceparentOf, type TraceContext } from './trace-context.js';
import type { CallTrace } from './call-trace.js';

/** One run of a job. */
export interface TracedJob {
  readonly name: string;
  readonly id: string;
  readonly tenantId: string | undefined;
  /** 1 for the first run. */
  readonly attempt: number;
  /** What it carries; the trace that it was queued in stands beside its payload. */
  readonly data: unknown;
}

/** The member of a job's data that tells in which trace it was queued. Builds that do not know it drop it. */
const member = 'trace';

/** A job's data with the trace that it is queued in. */
export function withTrace(data: Readonly<Record<string, unknown>>, trace: CallTrace | undefined): Record<string, unknown> {
  if (trace === undefined) return { ...data };
  const { context } = trace;
  return { ...data, [member]: { traceparent: traceparentOf(context), tracestate: context.state } };
}

/** The trace that a job was queued in, if its data tells one. */
export function queuedIn(data: unknown): TraceContext | undefined {
  const told = (data as Readonly<Record<string, unknown>> | null | undefined)?.[member];
  return typeof told === 'object' && told !== null ? readTraceContext({ ...told }) : undefined;
}

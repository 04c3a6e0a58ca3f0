import { SpanStatusCode, type Span } from '@opentelemetry/api';
import { attributes } from './attribute-names.js';
import type { TraceContext } from './trace-context.js';

/** Where what comes after the span stands. @param state the `tracestate` that goes on with it. */
export function contextOf(span: Span, state: string | undefined): TraceContext {
  const { traceId, spanId } = span.spanContext();
  return { traceId, spanId, isSampled: true, state };
}

/** @param errorCode why it failed; its status says so. @param at `performance.now()` of its end, by default now. */
export function endWith(span: Span, errorCode: string | undefined, at?: number): void {
  if (errorCode !== undefined) {
    span.setAttribute(attributes.errorType, errorCode);
    span.setStatus({ code: SpanStatusCode.ERROR, message: errorCode });
  }
  span.end(at);
}

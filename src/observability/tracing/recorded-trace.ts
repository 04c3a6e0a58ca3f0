import { SpanKind, trace as api, type Context, type Span, type Tracer } from '@opentelemetry/api';
import { attributes, type StepName } from './attribute-names.js';
import type { AttemptFacts, CallTrace, RequestEnd, TracedAttempt, TracedStep } from './call-trace.js';
import { RecordedAttempt } from './recorded-attempt.js';
import { contextOf, endWith } from './spans.js';
import { traceHeadersOf, type TraceContext } from './trace-context.js';

const noHeaders: readonly string[] = [];

/** A call or a job that is recorded: its own span, and those of its steps and tries below. */
export class RecordedTrace implements CallTrace {
  readonly isRecorded = true;
  readonly context: TraceContext;
  /** Where the spans of steps and tries stand. */
  private readonly below: Context;
  private readonly openSteps = new Set<RecordedStep>();
  private attempts = 0;

  /**
   * @param state the caller's `tracestate`, which goes on unchanged.
   * @param toProviders whether providers are told of the trace.
   */
  constructor(
    private readonly tracer: Tracer,
    private readonly span: Span,
    parent: Context,
    state: string | undefined,
    private readonly toProviders: boolean,
  ) {
    this.context = contextOf(span, state);
    this.below = api.setSpan(parent, span);
  }

  step(name: StepName): TracedStep {
    const step = new RecordedStep(this.tracer.startSpan(name, {}, this.below), this.openSteps);
    this.openSteps.add(step);
    return step;
  }

  attempt(facts: AttemptFacts): TracedAttempt {
    this.attempts += 1;
    const span = this.tracer.startSpan(
      `${facts.operation} ${facts.model}`,
      {
        kind: SpanKind.CLIENT,
        attributes: {
          [attributes.operation]: facts.operation,
          [attributes.provider]: facts.provider,
          [attributes.model]: facts.model,
          [attributes.connectionId]: facts.connectionId,
          [attributes.endpoint]: facts.endpoint,
          [attributes.isStreamed]: facts.isStreamed,
          [attributes.attempt]: this.attempts,
        },
      },
      this.below,
    );
    return new RecordedAttempt(span, this.toProviders ? traceHeadersOf(contextOf(span, this.context.state)) : noHeaders);
  }

  ended({ requestId, status, tenantId, keyId, endpoint, errorCode, isAborted }: RequestEnd): void {
    const { span } = this;
    span.setAttribute(attributes.requestId, requestId);
    span.setAttribute(attributes.status, status);
    if (tenantId != null) span.setAttribute(attributes.tenantId, tenantId);
    if (keyId !== undefined) span.setAttribute(attributes.keyId, keyId);
    if (endpoint !== undefined) span.setAttribute(attributes.endpoint, endpoint);
    this.end(errorCode ?? (isAborted ? 'client_closed' : undefined));
  }

  /** Ends it, and each step that an error has left open. @param errorCode why it failed. */
  end(errorCode?: string): void {
    for (const step of this.openSteps) step.end(errorCode);
    endWith(this.span, errorCode);
  }
}

class RecordedStep implements TracedStep {
  constructor(
    private readonly span: Span,
    private readonly open: Set<RecordedStep>,
  ) {}

  end(errorCode?: string): void {
    if (this.open.delete(this)) endWith(this.span, errorCode);
  }
}

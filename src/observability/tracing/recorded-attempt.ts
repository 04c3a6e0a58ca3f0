import type { Span } from '@opentelemetry/api';
import { attributes, moments } from './attribute-names.js';
import type { AttemptEnd, TracedAttempt } from './call-trace.js';
import { endWith } from './spans.js';

/** A recorded try at a provider: a span of its own. */
export class RecordedAttempt implements TracedAttempt {
  private errorCode: string | undefined;
  private overAt: number | undefined;

  constructor(
    private readonly span: Span,
    readonly headers: readonly string[],
  ) {}

  sending(): void {
    this.span.addEvent(moments.sending);
  }

  sentAgain(status: number | null): void {
    if (status !== null) this.span.setAttribute(attributes.status, status);
    endWith(this.span, status === null ? 'refused' : String(status));
  }

  failed(errorCode: string): void {
    this.errorCode ??= errorCode;
  }

  over(): void {
    this.overAt ??= performance.now();
  }

  settled({ state, source, inputTokens, outputTokens, upstreamStatus }: AttemptEnd, firstTokenAt: number | null): void {
    const { span } = this;
    if (firstTokenAt !== null) span.addEvent(moments.firstToken, firstTokenAt);
    if (upstreamStatus != null) span.setAttribute(attributes.status, upstreamStatus);
    span.setAttribute(attributes.usageSource, source);
    if (source !== 'none') {
      span.setAttribute(attributes.inputTokens, inputTokens);
      span.setAttribute(attributes.outputTokens, outputTokens);
    }
    endWith(span, state === 'completed' ? undefined : (this.errorCode ?? state), this.overAt);
  }
}

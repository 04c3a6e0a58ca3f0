import type { StepName } from './attribute-names.js';
import { traceHeadersOf, type TraceContext } from './trace-context.js';

/** Who called, and how it came out. */
export interface RequestEnd {
  readonly requestId: string;
  readonly status: number;
  readonly errorCode: string | undefined;
  readonly isAborted: boolean;
  readonly tenantId: string | null | undefined;
  readonly keyId: string | undefined;
  /** The published name that was called. */
  readonly endpoint: string | undefined;
}

/** One try at a provider, as it is known when it is sent. */
export interface AttemptFacts {
  /** What is asked for, in OpenTelemetry's words: `chat`, `embeddings`. */
  readonly operation: string;
  /** Who is asked, in OpenTelemetry's words: `openai`. */
  readonly provider: string;
  /** The provider's own name of the model. */
  readonly model: string;
  readonly connectionId: string;
  /** The published name that was called. */
  readonly endpoint: string;
  readonly isStreamed: boolean;
}

/** How a try ended that was not sent again. */
export interface AttemptEnd {
  readonly state: string;
  /** Where the tokens are from, see the usage record. */
  readonly source: string;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** The provider's own status; null where it gave none. */
  readonly upstreamStatus?: number | null;
}

/** A step of a call, from its beginning to `end`. */
export interface TracedStep {
  /** @param errorCode why the call ends with it. */
  end(errorCode?: string): void;
}

/** A try at a provider. It ends with `sentAgain` or `settled`. */
export interface TracedAttempt {
  /** What the provider is told of the trace: names and values of headers in turn. */
  readonly headers: readonly string[];
  /** A connection is there, and the request is about to be written. */
  sending(): void;
  /** Another try follows. @param status the provider's own, null where it has not answered. */
  sentAgain(status: number | null): void;
  /** Why the call fails that this try is of. */
  failed(errorCode: string): void;
  /** The answer is over; what it took may be counted later. */
  over(): void;
  /** @param firstTokenAt `performance.now()` when the first of the answer came; null where nothing has come. */
  settled(end: AttemptEnd, firstTokenAt: number | null): void;
}

/**
 * The trace of a call or a job, as far as there is one: whoever holds none has `undefined`, and pays nothing. Nothing here
 * throws or waits.
 */
export interface CallTrace {
  /** What comes next stands here in the trace. */
  readonly context: TraceContext;
  /** The trace is recorded here. */
  readonly isRecorded: boolean;
  step(name: StepName): TracedStep | undefined;
  attempt(facts: AttemptFacts): TracedAttempt | undefined;
  /** A request is over. */
  ended(end: RequestEnd): void;
  /** A job is over. @param errorCode why it failed. */
  end(errorCode?: string): void;
}

/** A trace of the caller's that is not recorded here: it goes on to providers as it came. */
export class PassedOnTrace implements CallTrace {
  readonly isRecorded = false;

  /** @param toProviders whether providers are told of it. */
  constructor(
    readonly context: TraceContext,
    private readonly toProviders: boolean,
  ) {}

  step(): undefined {
    return undefined;
  }

  attempt(): TracedAttempt | undefined {
    return this.toProviders ? new PassedOnAttempt(traceHeadersOf(this.context)) : undefined;
  }

  ended(): void {
    // Nothing was begun.
  }

  end(): void {
    // Nothing was begun.
  }
}

class PassedOnAttempt implements TracedAttempt {
  constructor(readonly headers: readonly string[]) {}

  sending(): void {
    // Nothing is recorded.
  }

  sentAgain(): void {
    // Nothing is recorded.
  }

  failed(): void {
    // Nothing is recorded.
  }

  over(): void {
    // Nothing is recorded.
  }

  settled(): void {
    // Nothing is recorded.
  }
}

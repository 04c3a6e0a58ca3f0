import type { IncomingHttpHeaders } from 'node:http';
import type { Identity } from '../../keys/key-facts.js';
import type { CallTrace } from '../../../observability/tracing/call-trace.js';
import type { Entry } from '../../usage/gates/entry.js';
import type { BackgroundRun } from './background-call.js';
import type { CallPlan } from './call-plan.js';
import type { GivenAnswer } from './given-answer.js';
import type { GuardedInput } from './guarded-input.js';
import type { RequestForm } from './request-form.js';

/** An inference request as the door hands it on. */
export interface InferenceRequest {
  readonly identity: Identity;
  readonly requestId: string;
  /** The caller's address. */
  readonly ip: string;
  readonly headers: IncomingHttpHeaders;
  /** The body of a JSON request; empty for a form. */
  readonly body: Buffer;
  /** The form, for kinds whose row says that they take one. */
  readonly form?: RequestForm | undefined;
  /** A buffer that the body is a part of and whose other bytes are free, where there is one. */
  readonly bodyRoom?: Buffer | undefined;
  /** To be called when nothing reads the body and its room any more; never, where that is not certain. */
  readonly releaseBody?: (() => void) | undefined;
  /** Counts more bytes as held by the request, until its reply is over; false where its tenant may not have so many now. */
  readonly holdMore?: ((bytes: number) => boolean) | undefined;
  /** `performance.now()` at arrival. */
  readonly startedAt: number;
  /** The request's place behind the first gate. Whoever took it gives it back. */
  readonly entry: Entry;
  /** The call's trace, where it has one. */
  readonly trace?: CallTrace | undefined;
  /** Which of the endpoint's models is asked: undefined or 0 for the first choice, else the place among its fallbacks. */
  readonly tryPlace?: number;
  /** Of a call that was held and approved: to be awaited before anything goes out; it does not when this throws. */
  readonly approved?: { sending(): Promise<void> } | undefined;
  /** Of a call that a worker makes. */
  readonly background?: BackgroundRun;
  /** Of a call for a batch of its provider: takes it as it would be sent, in the provider's place. Nothing is kept of it. */
  readonly writeDown?: ((plan: CallPlan) => void) | undefined;
  /** Of such a call later: what the provider has answered. It goes on from there, as if it had been sent. */
  readonly given?: GivenAnswer | undefined;
  /** Set once the guardrails of its key have judged the request: the body is what they have left of it. */
  readonly guarded?: GuardedInput | undefined;
}

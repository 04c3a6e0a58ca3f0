import { asAppError } from '../../../kernel/app-error.js';
import type { CallPlan } from '../call/call-plan.js';
import type { GivenAnswer } from '../call/given-answer.js';
import type { CallObserver, CallToProvider } from './provider-call.js';
import { RefusedAnswer } from './refused-answer.js';

const json = { 'content-type': 'application/json' } as const;

/** A call that its provider has answered already: what was said then is said now. Nothing is sent, and nothing tried again. */
export class AnsweredCall implements CallToProvider {
  answered: number | null = null;
  readonly sent = true;
  /** Nothing is sent that a trace could tell of. */
  readonly attempt = undefined;
  private over = false;

  constructor(
    private readonly plan: CallPlan,
    private readonly given: GivenAnswer,
    public observer: CallObserver,
  ) {}

  start(): void {
    queueMicrotask(() => this.tell());
  }

  pause(): void {
    // All of it is here.
  }

  resume(): void {
    // All of it is here.
  }

  finished(): void {
    this.over = true;
  }

  cancel(): void {
    this.over = true;
  }

  private tell(): void {
    if (this.over) return;
    const { status, body } = this.given;
    this.answered = status;
    if (status < 200 || status >= 300) {
      const refusal = new RefusedAnswer(status, {});
      refusal.take(body);
      this.observer.onError(refusal.errorFor(this.plan, false, []), status);
      return;
    }
    try {
      this.observer.onGoodHead(json);
    } catch (error) {
      this.observer.onError(asAppError(error), status);
      return;
    }
    this.observer.onData(body);
    this.observer.onEnd();
  }
}

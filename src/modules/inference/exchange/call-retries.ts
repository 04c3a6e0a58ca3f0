import type { UpstreamFailure } from '../../../platform/upstream/upstream-call.js';
import { CallTokens } from '../../connections/tokens/call-tokens.js';
import type { CallPlan } from '../call/call-plan.js';
import type { RefusedAnswer } from './refused-answer.js';

/** The call is sent once more: after how many milliseconds, and with what signing in; undefined: with what does by then. */
export interface SentAgain {
  readonly waitMs: number;
  readonly signIn?: readonly string[];
}

const refusedRetryMs = 50;

/**
 * When a call to a provider is sent once more, as far as that cannot make it charge twice: after a refused connection, or a 429
 * or 503 with a short Retry-After where the agent allows it, one of them once; after a 401 where the connection has a login that
 * gives other tokens; at once with other tokens of the connection after a 429 or a 401; and in another form where the provider
 * does not serve what was asked. A body of which something was sent while it came is sent once.
 */
export class CallRetries {
  /** What is asked in place of what the plan says first. */
  other: Pick<CallPlan, 'path' | 'body'> | undefined;
  readonly tokens: CallTokens;
  private hasWaited = false;
  private signedInAgain = false;

  constructor(private readonly plan: CallPlan) {
    this.tokens = new CallTokens(plan.target.connection.tokens);
  }

  /** Undefined where the failure is the call's end. */
  afterFailure({ kind, sent }: UpstreamFailure): SentAgain | undefined {
    if (kind !== 'refused' || sent || this.hasWaited || !this.isRepeatable) return undefined;
    return this.once({ waitMs: refusedRetryMs });
  }

  /**
   * Undefined where the refusal is the call's end. A promise where a login is asked for other tokens: when it has none,
   * what else may be done is to be asked again.
   * @param signIn what the refused call signed in with.
   */
  afterRefusal(refusal: RefusedAnswer, signIn: readonly string[]): SentAgain | Promise<SentAgain | undefined> | undefined {
    const { status, againInMs: waitMs } = refusal;
    const { otherwise, retryAfterMaxSeconds } = this.plan;
    const { login } = this.plan.target.connection;
    if (status === 401 && login !== null && !this.signedInAgain && this.isRepeatable) {
      this.signedInAgain = true;
      return login
        .insteadOf(signIn)
        .then((headers) => (headers === undefined ? undefined : this.once({ waitMs: 0, signIn: headers })));
    }
    const otherToken = this.tokens.insteadOf({ status: refusal.meantBy(this.plan), waitMs }, this.isRepeatable);
    if (otherToken !== undefined) return { waitMs: 0, signIn: otherToken };
    if (otherwise?.statuses.has(status) === true && this.other === undefined) {
      this.other = { path: otherwise.path, body: otherwise.body() };
      return this.once({ waitMs: 0 });
    }
    const mayWait = retryAfterMaxSeconds > 0 && !this.hasWaited && this.isRepeatable;
    return waitMs !== undefined && waitMs <= retryAfterMaxSeconds * 1000 && mayWait ? this.once({ waitMs }) : undefined;
  }

  private once(again: SentAgain): SentAgain {
    this.hasWaited = true;
    return again;
  }

  private get isRepeatable(): boolean {
    const { body } = this.plan;
    return Buffer.isBuffer(body) || body.isRepeatable === true;
  }
}

import type { IncomingHttpHeaders } from 'node:http';
import type { AppError } from '../../../kernel/app-error.js';
import { signInSecrets } from '../../../platform/upstream/hide-secrets.js';
import type { CallPlan } from '../call/call-plan.js';
import { providerError, retryAfterMs } from './provider-errors.js';

const maxErrorBytes = 256 * 1024;

/** An answer of a provider that is no success. Its body is gathered for the sentence that it may hold. */
export class RefusedAnswer {
  private readonly chunks: Buffer[] = [];
  private bytes = 0;

  constructor(
    readonly status: number,
    private readonly headers: IncomingHttpHeaders,
  ) {}

  /** False once no sentence is that long: what follows is not waited for. */
  take(chunk: Buffer): boolean {
    this.bytes += chunk.length;
    this.chunks.push(chunk);
    return this.bytes <= maxErrorBytes;
  }

  /** After how many milliseconds the provider takes the same call again; undefined where it does not say, or never. */
  get againInMs(): number | undefined {
    return this.status === 429 || this.status === 503 ? retryAfterMs(this.headers) : undefined;
  }

  /** What the status means to the plan's wire. */
  meantBy({ refusalStatus }: CallPlan): number {
    return refusalStatus?.(this.status, Buffer.concat(this.chunks)) ?? this.status;
  }

  /**
   * What the caller of the plan is told.
   * @param asksOtherwise the plan's other form was sent. @param signIn what signed in, name and value in turn.
   */
  errorFor(plan: CallPlan, asksOtherwise: boolean, signIn: readonly string[]): AppError {
    const { target, publishedName, hidden, memberNames: members = [] } = plan;
    const inputMoved = asksOtherwise || plan.inputMoved === true;
    const body = Buffer.concat(this.chunks);
    return providerError(this.meantBy(plan), this.headers, body, {
      providerModel: target.model,
      publishedName,
      hidden,
      secrets: [...target.connection.secretTexts, ...signInSecrets(signIn)],
      members,
      inputMoved,
    });
  }
}

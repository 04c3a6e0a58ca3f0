/** Why a token rests: the provider is asked too often with it, or does not take it. */
export type RestReason = 'busy' | 'refused';

interface Rest {
  readonly until: number;
  readonly reason: RestReason;
}

/**
 * What a process remembers of the tokens of one connection, longer than they are cached: which one comes next, and which rest
 * until when, in milliseconds of its clock. It holds as many tokens as the connection has.
 */
export class TokenRests {
  /** The place of the token whose turn it is. */
  turn = 0;
  private readonly rests = new Map<string, Rest>();

  constructor(private readonly now: () => number = () => performance.now()) {}

  /** For how many milliseconds a token still rests; 0 when it does not. */
  leftOf(token: string): number {
    return Math.max(0, (this.rests.get(token)?.until ?? 0) - this.now());
  }

  /** A rest is never cut short by another one, and a refusal is not forgotten over a busy provider. */
  rest(token: string, reason: RestReason, ms: number): void {
    const until = this.now() + Math.max(ms, this.leftOf(token));
    this.rests.set(token, { until, reason: this.reasonOf(token) === 'refused' ? 'refused' : reason });
  }

  /** Why a token rests; undefined when it does not. */
  reasonOf(token: string): RestReason | undefined {
    return this.leftOf(token) > 0 ? this.rests.get(token)?.reason : undefined;
  }

  /** Forgets all other tokens. */
  keepOnly(tokens: readonly string[]): void {
    for (const token of this.rests.keys()) if (!tokens.includes(token)) this.rests.delete(token);
  }
}

import type { SigningToken, TokenTurns } from './token-turns.js';

const usualRestMs = 30_000;
const longestRestMs = 60 * 60_000;

/** A provider's refusal, as far as it is about the token. */
export interface TokenRefusal {
  readonly status: number;
  /** For how long the provider asks to be left alone, in milliseconds. */
  readonly waitMs: number | undefined;
}

/** The tokens that one call tries, each but once of itself. */
export class CallTokens {
  private readonly tried = new Set<string>();
  private current: SigningToken | undefined;
  private wasRefused = false;

  /** @param turns null for a connection that signs in without a token of its own. */
  constructor(private readonly turns: TokenTurns | null) {}

  /** What signs in, name and value; empty where nothing does. Asked again, it is the same while its token does not rest. */
  begin(): readonly string[] {
    const { turns, current } = this;
    if (turns === null) return [];
    return this.use(current === undefined || turns.rests(current) ? turns.take() : current);
  }

  /**
   * Lets the token rest that was refused, and gives what signs in with the next one that does not rest; undefined when the call
   * is not to be made again: the refusal is not the token's, no other is left, or it may not be.
   * A token that is not taken (401) is followed by one other.
   */
  insteadOf({ status, waitMs }: TokenRefusal, mayRepeat: boolean): readonly string[] | undefined {
    const { turns, current } = this;
    if (turns === null || current === undefined || (status !== 429 && status !== 401)) return undefined;
    if (status === 429) turns.rest(current, 'busy', Math.min(waitMs ?? usualRestMs, longestRestMs));
    else turns.restRefused(current);
    if (!mayRepeat || (status === 401 && this.wasRefused)) return undefined;
    if (status === 401) this.wasRefused = true;
    const next = turns.takeRested(this.tried);
    return next === undefined ? undefined : this.use(next);
  }

  private use(token: SigningToken): readonly string[] {
    this.current = token;
    this.tried.add(token.token);
    return token.header;
  }
}

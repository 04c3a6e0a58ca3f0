import type { RestReason, TokenRests } from './token-rests.js';

/** A token with the header in which it signs in. Never logged, never shown. */
export interface SigningToken {
  readonly token: string;
  /** Name and value. */
  readonly header: readonly [name: string, value: string];
}

const noTokens: ReadonlySet<string> = new Set();
const refusedRestMs = 5 * 60_000;

/**
 * The tokens of a connection, at least one, that its calls take in turn. One that rests is passed over while another does not;
 * where all rest, the one is taken whose rest ends first. Never waits.
 */
export class TokenTurns {
  /** @param onRefused hears the place of a token that the provider does not take, like "key 2 of 3". */
  constructor(
    readonly tokens: readonly SigningToken[],
    private readonly memory: TokenRests,
    private readonly onRefused: (place: string) => void = () => undefined,
  ) {}

  /** The token for a new call. */
  take(): SigningToken {
    return this.takeRested() ?? this.soonest();
  }

  /** The next token in turn that does not rest and is none of these; undefined when there is none. */
  takeRested(except = noTokens): SigningToken | undefined {
    const { tokens, memory } = this;
    for (let step = 0; step < tokens.length; step += 1) {
      const place = (memory.turn + step) % tokens.length;
      const candidate = tokens[place];
      if (candidate === undefined || except.has(candidate.token) || this.rests(candidate)) continue;
      memory.turn = (place + 1) % tokens.length;
      return candidate;
    }
    return undefined;
  }

  rests({ token }: SigningToken): boolean {
    return this.memory.leftOf(token) > 0;
  }

  /** Lets a token rest. The only one of a connection goes on: there is nothing to take in its place. */
  rest({ token }: SigningToken, reason: RestReason, ms: number): void {
    if (this.tokens.length < 2) return;
    const isNews = reason === 'refused' && this.memory.reasonOf(token) !== 'refused';
    this.memory.rest(token, reason, ms);
    if (isNews) this.onRefused(this.placeOf(token));
  }

  /** The provider does not take the token: it rests for five minutes. */
  restRefused(token: SigningToken): void {
    this.rest(token, 'refused', refusedRestMs);
  }

  /** The places of the tokens that the provider does not take, as far as this process has found. */
  refusedPlaces(): string[] {
    return this.tokens.filter(({ token }) => this.memory.reasonOf(token) === 'refused').map(({ token }) => this.placeOf(token));
  }

  private soonest(): SigningToken {
    return this.tokens.reduce((best, one) => (this.memory.leftOf(one.token) < this.memory.leftOf(best.token) ? one : best));
  }

  private placeOf(token: string): string {
    return `key ${this.tokens.findIndex((one) => one.token === token) + 1} of ${this.tokens.length}`;
  }
}

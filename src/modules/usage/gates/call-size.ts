import type { CallLimit } from '../../limits/call-limit.js';

/** What a call is expected to take, as far as it is known before it is made. */
export interface CallSize {
  /** Bytes of what is sent; 0 where nobody knows. */
  readonly bytes: number;
  /** The most tokens of the answer. */
  readonly output: number;
  /** The request itself says how long the answer may be. */
  readonly isOutputAsked: boolean;
  /** The limits of the published endpoint that is called. */
  readonly limits: readonly CallLimit[];
  /** Whether budgets may count it: where the tenant has none, nobody looks for them. */
  readonly isCounted: boolean;
  /** The provider has answered already: nothing can be refused any more, only booked. */
  readonly isAnswered: boolean;
}

/** Of what is not limited. */
export const unlimited: CallSize = { bytes: 0, output: 0, isOutputAsked: false, limits: [], isCounted: true, isAnswered: false };

/** Of what was limited when its provider was asked. */
export const answeredAlready: CallSize = { ...unlimited, isAnswered: true };

/**
 * How long the answers of a call may be, together. Below zero, which some providers take for no bound at all, says nothing.
 * @param said of one of them; null: nothing; undefined: they are no tokens. @param usual where nothing is said.
 */
export function answerSize(
  said: number | null | undefined,
  answers: number,
  usual: number,
): Pick<CallSize, 'output' | 'isOutputAsked'> {
  if (said === undefined) return { output: 0, isOutputAsked: false };
  const isOutputAsked = said !== null && said >= 0;
  return { output: Math.ceil((isOutputAsked ? said : usual) * answers), isOutputAsked };
}

/** Tokens to reserve of a limit: a call whose own words fit is never refused for what is only guessed. */
export function tokensToReserve(prompt: number, { output, isOutputAsked }: CallSize, most: number): number {
  const said = isOutputAsked ? output : 0;
  if (said > most) return said;
  return Math.max(1, Math.min(prompt + output, most));
}

import { AppError, asAppError } from '../../../kernel/app-error.js';
import { isFields } from '../../../kernel/fields.js';
import { parsedOrUndefined } from '../../../kernel/parse-json.js';
import type { CallPlan } from '../call/call-plan.js';
import { mostInputs } from './moderated-texts.js';
import { refused } from './refusals.js';

/** How texts of one request are moderated. */
export interface ModeratedBy {
  /** The call that judges texts; undefined where the endpoint has no model for it. */
  call(inputs: readonly string[]): CallPlan | undefined;
  /** Sends it; gives its whole answer. @throws AppError when there is none. */
  ask(plan: CallPlan): Promise<Buffer>;
  /** Where texts that cannot be judged pass: hears why they could not. */
  readonly letsPass: ((why: string) => void) | undefined;
}

/** Judges texts by the moderation model of the endpoint that a request calls. Each asking is a call of its own and booked. */
export class Moderation {
  constructor(private readonly by: ModeratedBy) {}

  /** @throws AppError content_policy for texts that are flagged or cannot be judged; upstream_error when the model failed, insufficient_quota when a budget has nothing left for it. */
  async judge(inputs: readonly string[]): Promise<void> {
    if (inputs.length === 0) return;
    if (inputs.length > mostInputs) return this.cannot('it is too long for that');
    const plan = this.by.call(inputs);
    if (plan === undefined) return this.cannot('the model has no moderation model beside it');
    let answer: Buffer;
    try {
      answer = await this.by.ask(plan);
    } catch (error) {
      this.failed(asAppError(error));
      return;
    }
    const flags = flagsOf(answer);
    if (flags === undefined) this.failed(new AppError('upstream_error', { cause: 'the moderation has no results' }));
    else if (flags.includes(true)) throw refused('moderation', 'it was flagged');
  }

  private cannot(why: string): void {
    if (this.by.letsPass === undefined) throw refused('moderation', `it cannot be judged: ${why}`);
    this.by.letsPass(why);
  }

  private failed(error: AppError): void {
    if (this.by.letsPass === undefined) {
      // Its own call found too little left of a budget, as the request's would.
      if (error.code === 'insufficient_quota') throw error;
      const message = 'The content policy of this API key could not be checked: the moderation model did not answer.';
      throw new AppError('upstream_error', { message, cause: error });
    }
    this.by.letsPass(error.code);
  }
}

/** What a moderation says of each input; undefined where it says nothing. */
function flagsOf(answer: Buffer): boolean[] | undefined {
  const said = parsedOrUndefined(answer);
  const results: unknown = isFields(said) ? said['results'] : undefined;
  if (!Array.isArray(results) || results.length === 0) return undefined;
  const flags = (results as unknown[]).map((result) => (isFields(result) ? result['flagged'] : undefined));
  return flags.every((flag) => typeof flag === 'boolean') ? flags : undefined;
}

import { AppError } from '../../../../kernel/app-error.js';
import { jsonSize } from '../../../../kernel/json-size.js';
import { parsedOrUndefined } from '../../../../kernel/parse-json.js';
import type { Additions } from '../../call/dialogue.js';
import type { CallPlan } from '../../call/call-plan.js';
import type { InferenceKind } from '../../call/inference-kind.js';
import { ResponsesDraft } from '../responses/responses-draft.js';

const maxValues = 100_000;

/**
 * `POST /responses/input_tokens`: what a response would be asked is put together and counted, and sent to nobody. Providers'
 * own counters differ or are absent, so the figure is an estimate, and the reply says so.
 */
export const inputTokensKind: InferenceKind = {
  routeId: 'responses.input_tokens',
  modality: 'chat',
  isDialogue: true,
  moderation: null,
  draft: (request, endpoints, seals) => new InputTokensDraft(inputTokensKind, request, endpoints, seals, { needsInput: false }),
};

class InputTokensDraft extends ResponsesDraft {
  override get keepsAnswer(): boolean {
    return false;
  }

  override get isCounted(): boolean {
    return true;
  }

  /** Nothing is asked of a provider. */
  override get first(): undefined {
    return undefined;
  }

  /** No provider judges the request, so all of it is read here. */
  override plan(additions: Additions = {}): CallPlan {
    refuseBroken(this.asked.body.bytes);
    const plan = super.plan(additions);
    return {
      ...plan,
      streamed: undefined,
      replyHeaders: { ...plan.replyHeaders, 'x-gt-estimated': 'tokens' },
      counted: ({ inputTokens }) => {
        const input_tokens = inputTokens + (additions.context?.mostTokens ?? 0);
        return Buffer.from(JSON.stringify({ object: 'response.input_tokens', input_tokens }));
      },
    };
  }
}

/** @throws AppError invalid_request for what is no JSON deeper inside, or has too many values to be read at once. */
function refuseBroken(body: Buffer): void {
  const isLarge = jsonSize(body, maxValues).values > maxValues;
  if (!isLarge && parsedOrUndefined(body) !== undefined) return;
  const why = isLarge ? `it has more than ${maxValues} values` : 'it is not valid JSON';
  throw new AppError('invalid_request', { message: `Could not parse your JSON body: ${why}.` });
}

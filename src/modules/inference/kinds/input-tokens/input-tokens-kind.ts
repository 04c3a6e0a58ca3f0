import type { Additions } from '../../call/dialogue.js';
import type { CallPlan } from '../../call/call-plan.js';
import type { InferenceKind } from '../../call/inference-kind.js';
import { ResponsesDraft } from '../responses/responses-draft.js';

/**
 * `POST /responses/input_tokens`: what a response would be asked is put together and counted, and sent to nobody. Providers'
 * own counters differ or are absent, so the figure is an estimate, and the reply says so.
 */
export const inputTokensKind: InferenceKind = {
  routeId: 'responses.input_tokens',
  modality: 'chat',
  isDialogue: true,
  draft: (request, endpoints) => new InputTokensDraft(inputTokensKind, request, endpoints, { needsInput: false }),
};

class InputTokensDraft extends ResponsesDraft {
  override get keepsAnswer(): boolean {
    return false;
  }

  override plan(additions: Additions = {}): CallPlan {
    return {
      ...super.plan(additions),
      streamed: undefined,
      replyHeaders: { 'x-gt-estimated': 'tokens' },
      counted: ({ inputTokens }) => Buffer.from(JSON.stringify({ object: 'response.input_tokens', input_tokens: inputTokens })),
    };
  }
}

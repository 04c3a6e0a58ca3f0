import type { TenantEndpoints } from '../../agents/published-endpoint.js';
import type { CallDraft, CallPlan } from './call-plan.js';
import type { ContentSeals } from './content-seals.js';
import type { ChosenEndpoint } from './endpoint-choice.js';
import type { InferenceRequest } from './inference-request.js';
import type { KindFacts } from './kind-facts.js';

/** The call that judges these texts for an endpoint; undefined where the endpoint has no model for it. */
export type ModerationCall = (chosen: Pick<ChosenEndpoint, 'endpoint'>, inputs: readonly string[]) => CallPlan | undefined;

/**
 * One kind of inference: everything that tells its calls from others. Nothing outside of `kinds/` asks which kind a call
 * is of (docs/adding-a-kind.md).
 */
export interface InferenceKind extends KindFacts {
  /** How its texts are judged by a moderation model, where a key asks for that; null for a kind that sends no texts to be answered. */
  readonly moderation: ModerationCall | null;
  /**
   * Reads a request.
   * @param seals for what a client must bring back.
   * @throws AppError with the contract's code for everything that is wrong in it.
   */
  draft(request: InferenceRequest, endpoints: TenantEndpoints, seals: ContentSeals): CallDraft;
}

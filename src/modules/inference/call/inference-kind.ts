import type { TenantEndpoints } from '../../agents/published-endpoint.js';
import type { CallDraft } from './call-plan.js';
import type { ContentSeals } from './content-seals.js';
import type { InferenceRequest } from './inference-request.js';
import type { KindFacts } from './kind-facts.js';

/**
 * One kind of inference: everything that tells its calls from others. Nothing outside of `kinds/` asks which kind a call
 * is of (docs/adding-a-kind.md).
 */
export interface InferenceKind extends KindFacts {
  /**
   * Reads a request.
   * @param seals for what a client must bring back.
   * @throws AppError with the contract's code for everything that is wrong in it.
   */
  draft(request: InferenceRequest, endpoints: TenantEndpoints, seals: ContentSeals): CallDraft;
}

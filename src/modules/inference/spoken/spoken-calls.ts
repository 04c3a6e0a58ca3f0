import { Injectable } from '@nestjs/common';
import { factsOfWire } from '../../../contracts/wires.js';
import type { Fields } from '../../../kernel/fields.js';
import { ModelClient } from '../../../platform/ai-sdk/model-client.js';
import { KeptThoughts, type FoundThoughts } from '../../kept-thoughts/kept-thoughts.service.js';
import type { CallOrigin } from '../../kept-thoughts/tool-call.js';
import type { CallPlan } from '../call/call-plan.js';
import type { InferenceRequest } from '../call/inference-request.js';
import type { Stage } from '../call/stage.js';
import { readExact } from '../wire/exact-json.js';
import type { ReplaceableAddress } from './fetched-contents.js';
import { speechOf } from './speech.js';
import { ThoughtsStage } from './thoughts-stage.js';

/** Nothing is wanted back. */
const none: FoundThoughts = new Map();

/**
 * Says calls in the words of their providers, with what those want back of earlier answers. Clients of OpenAI drop it, so it
 * is kept when an answer has it, and put back where a request brings the same calls without it.
 */
@Injectable()
export class SpokenCalls {
  constructor(
    private readonly thoughts: KeptThoughts,
    private readonly models: ModelClient,
  ) {}

  /**
   * The call as its provider is asked: as it was planned, or in the words of the provider's own wire. A promise only where
   * something is looked up in the database, or a package is asked what its provider fetches.
   * @throws AppError unsupported_parameter for what that wire cannot say, unsupported_modality for what it does not have;
   * invalid_value. A promise rejects with the same.
   */
  say(planned: CallPlan, request: InferenceRequest): CallPlan | Promise<CallPlan> {
    const speech = speechOf(planned);
    if (speech === undefined) return planned;
    const { unsigned } = speech;
    const addresses = this.unfetched(planned, speech.addresses);
    const found = unsigned.length === 0 ? none : this.thoughts.find(originOf(planned, request), unsigned, request.requestId);
    const say = (thoughts: FoundThoughts, replaced: readonly ReplaceableAddress[]): CallPlan =>
      speech.said((callId) => membersIn(thoughts.get(callId)), replaced);
    if (!(found instanceof Promise) && !(addresses instanceof Promise)) return say(found, addresses);
    return Promise.all([found, addresses]).then(([thoughts, replaced]) => say(thoughts, replaced));
  }

  /** Those of the addresses that the provider does not fetch itself. Where its package is not there, the call will tell. */
  private unfetched(
    { target: { connection, model } }: CallPlan,
    addresses: readonly ReplaceableAddress[],
  ): readonly ReplaceableAddress[] | Promise<readonly ReplaceableAddress[]> {
    const { dialect, origin, basePath } = connection;
    if (addresses.length === 0 || dialect === undefined || factsOfWire(dialect).package === undefined) return addresses;
    const files = addresses.map((address) => ({ ...address, mediaType: address.of === 'image' ? 'image/*' : 'application/pdf' }));
    const place = { wire: dialect, baseUrl: `${origin}${basePath}` };
    return this.models.unfetched(place, model, files).catch(() => []);
  }

  /** What keeps what the provider wants back with the answer's calls of tools; undefined where it can make none. */
  stage(plan: CallPlan, request: InferenceRequest): Stage | undefined {
    const { answeredCalls } = plan;
    if (answeredCalls === undefined) return undefined;
    const origin = originOf(plan, request);
    return new ThoughtsStage(() => this.thoughts.keep(origin, answeredCalls(), request.requestId));
  }
}

function originOf({ target }: CallPlan, { identity }: InferenceRequest): CallOrigin {
  const { tenantId, id: keyId } = identity.key;
  return { tenantId, keyId, connectionId: target.connection.id, model: target.model };
}

function membersIn(json: Buffer | undefined): Fields | undefined {
  return json === undefined ? undefined : (readExact(json, JSON.parse(json.toString('utf8'))) as Fields);
}

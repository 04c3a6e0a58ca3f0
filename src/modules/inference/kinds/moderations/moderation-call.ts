import type { CallPlan } from '../../call/call-plan.js';
import type { ChosenEndpoint } from '../../call/endpoint-choice.js';
import type { KindFacts } from '../../call/kind-facts.js';
import { ModerationsAnswer } from './moderations-answer.js';

const kind: KindFacts = { routeId: 'moderations.create', modality: 'moderate', isDialogue: false };

/**
 * The call that judges texts by the moderation model of the agent that a request asks; undefined for an agent without one and
 * for a raw model, which has none beside it.
 */
export function moderationCall({ endpoint }: Pick<ChosenEndpoint, 'endpoint'>, inputs: readonly string[]): CallPlan | undefined {
  const target = endpoint.agent === null ? undefined : endpoint.targets.get(kind.modality);
  if (target === undefined) return undefined;
  return {
    endpoint,
    target,
    publishedName: endpoint.name,
    kind,
    path: target.paths.moderations,
    body: Buffer.from(JSON.stringify({ model: target.model, input: inputs })),
    contentType: 'application/json',
    answer: new ModerationsAnswer(endpoint.name),
    streamed: undefined,
    retryAfterMaxSeconds: endpoint.agent?.retry_after_max_seconds ?? 0,
    hidden: [],
  };
}

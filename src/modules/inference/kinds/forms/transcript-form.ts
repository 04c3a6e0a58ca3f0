import type { ModelTarget, TenantEndpoints } from '../../../agents/published-endpoint.js';
import type { AnswerChoice, CallDraft } from '../../call/call-plan.js';
import type { InferenceRequest } from '../../call/inference-request.js';
import type { KindFacts } from '../../call/kind-facts.js';
import type { TakenParameters } from './agent-parameters.js';
import { FormRequest } from './form-request.js';
import { TranscriptAnswer } from './transcript-answer.js';
import { TranscriptText } from './transcript-text.js';

/** Formats in which the answer is JSON. */
const jsonFormats = new Set(['json', 'verbose_json', 'diarized_json']);

/** What tells the two routes apart that turn sound into text. */
export interface HearingRoute {
  readonly path: keyof ModelTarget['paths'];
  readonly mayStream: boolean;
  /** What of an agent's parameters is meant for it. */
  readonly parameters: TakenParameters;
}

/** The draft of a request that turns sound into text. */
export function transcriptDraft(
  kind: KindFacts,
  request: InferenceRequest,
  endpoints: TenantEndpoints,
  { path, mayStream, parameters }: HearingRoute,
): CallDraft {
  const form = new FormRequest(kind, request, endpoints, { file: 'file', parameters });
  const { publishedName, target } = form.chosen;
  const sentSeconds = () => form.form.audioSeconds;
  const answers = (): AnswerChoice => {
    const format = form.textOf('response_format') ?? 'json';
    if (mayStream && form.flagOf('stream')) {
      const answer = new TranscriptAnswer(publishedName, sentSeconds);
      return { answer, streamed: answer };
    }
    return {
      answer: jsonFormats.has(format)
        ? new TranscriptAnswer(publishedName, sentSeconds)
        : new TranscriptText(format, sentSeconds),
      streamed: undefined,
    };
  };
  // What is wrong in what has come is told before anything is sent.
  answers();
  return form.draft({ path: target.paths[path], answers });
}

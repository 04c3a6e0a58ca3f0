import type { ConnectionTarget, TenantEndpoints } from '../../../agents/published-endpoint.js';
import type { AnswerChoice, CallDraft } from '../../call/call-plan.js';
import type { InferenceRequest } from '../../call/inference-request.js';
import type { KindFacts } from '../../call/kind-facts.js';
import { FormRequest } from './form-request.js';
import { TranscriptAnswer } from './transcript-answer.js';
import { TranscriptText } from './transcript-text.js';

/** Formats in which the answer is JSON. */
const jsonFormats = new Set(['json', 'verbose_json', 'diarized_json']);

/** What an agent may say of the sound that it hears. */
const parameters = [
  'language',
  'response_format',
  'temperature',
  'timestamp_granularities',
  'chunking_strategy',
  'include',
  'known_speaker_names',
  'known_speaker_references',
];

/** The draft of a request that turns sound into text. An agent that chats too means its temperature for the chat. */
export function transcriptDraft(
  kind: KindFacts,
  request: InferenceRequest,
  endpoints: TenantEndpoints,
  { path, mayStream }: { readonly path: keyof ConnectionTarget['paths']; readonly mayStream: boolean },
): CallDraft {
  const form = new FormRequest(kind, request, endpoints, {
    file: 'file',
    parameters: (agent) => (agent.models.chat === undefined ? parameters : parameters.filter((name) => name !== 'temperature')),
  });
  const { publishedName, target } = form.chosen;
  const answers = (): AnswerChoice => {
    const format = form.textOf('response_format') ?? 'json';
    if (mayStream && form.textOf('stream') === 'true') {
      const answer = new TranscriptAnswer(publishedName);
      return { answer, streamed: answer };
    }
    return {
      answer: jsonFormats.has(format) ? new TranscriptAnswer(publishedName) : new TranscriptText(),
      streamed: undefined,
    };
  };
  return form.draft({ path: target.connection.paths[path], answers });
}

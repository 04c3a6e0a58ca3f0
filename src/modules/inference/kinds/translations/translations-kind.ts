import type { InferenceKind } from '../../call/inference-kind.js';
import { translationParameters } from '../forms/agent-parameters.js';
import { transcriptDraft } from '../forms/transcript-form.js';
import { moderationCall } from '../moderations/moderation-call.js';

/** `POST /audio/translations`: sound in any language as English text; never streamed. */
export const translationsKind: InferenceKind = {
  routeId: 'audio.translations.create',
  modality: 'transcribe',
  isDialogue: false,
  moderation: moderationCall,
  draft: (request, endpoints) =>
    transcriptDraft(translationsKind, request, endpoints, {
      path: 'translations',
      mayStream: false,
      parameters: translationParameters,
    }),
};

import type { InferenceKind } from '../../call/inference-kind.js';
import { transcriptionParameters } from '../forms/agent-parameters.js';
import { transcriptDraft } from '../forms/transcript-form.js';
import { moderationCall } from '../moderations/moderation-call.js';

/** `POST /audio/transcriptions`: sound as text, in events with `stream: true`. */
export const transcriptionsKind: InferenceKind = {
  routeId: 'audio.transcriptions.create',
  modality: 'transcribe',
  isDialogue: false,
  moderation: moderationCall,
  draft: (request, endpoints) =>
    transcriptDraft(transcriptionsKind, request, endpoints, {
      path: 'transcriptions',
      mayStream: true,
      parameters: transcriptionParameters,
    }),
};

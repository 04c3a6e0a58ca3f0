import type { InferenceKind } from '../call/inference-kind.js';
import { chatKind } from './chat/chat-kind.js';
import { compactKind } from './compact/compact-kind.js';
import { completionsKind } from './completions/completions-kind.js';
import { embeddingsKind } from './embeddings/embeddings-kind.js';
import { imageEditsKind } from './image-edits/image-edits-kind.js';
import { imageVariationsKind } from './image-variations/image-variations-kind.js';
import { imagesKind } from './images/images-kind.js';
import { inputTokensKind } from './input-tokens/input-tokens-kind.js';
import { moderationsKind } from './moderations/moderations-kind.js';
import { responsesKind } from './responses/responses-kind.js';
import { speechKind } from './speech/speech-kind.js';
import { transcriptionsKind } from './transcriptions/transcriptions-kind.js';
import { translationsKind } from './translations/translations-kind.js';

/** Every kind of inference that is served; the relay's door takes its routes from here (docs/adding-a-kind.md). */
export const inferenceKinds: readonly InferenceKind[] = [
  chatKind,
  completionsKind,
  embeddingsKind,
  responsesKind,
  inputTokensKind,
  compactKind,
  moderationsKind,
  imagesKind,
  speechKind,
  transcriptionsKind,
  translationsKind,
  imageEditsKind,
  imageVariationsKind,
];

import type { Modality } from '../../contracts/scopes.js';

/** What tells one inference route from another. */
export interface InferenceKind {
  readonly routeId: 'chat.completions.create' | 'completions.create' | 'embeddings.create';
  readonly modality: Modality;
  /** Which of the connection's paths is called. */
  readonly path: 'chat' | 'completions' | 'embeddings';
  /** The member that holds what is asked. */
  readonly input: 'messages' | 'prompt' | 'input';
  readonly canStream: boolean;
}

export const chatKind: InferenceKind = {
  routeId: 'chat.completions.create',
  modality: 'chat',
  path: 'chat',
  input: 'messages',
  canStream: true,
};

export const completionKind: InferenceKind = {
  routeId: 'completions.create',
  modality: 'chat',
  path: 'completions',
  input: 'prompt',
  canStream: true,
};

export const embeddingKind: InferenceKind = {
  routeId: 'embeddings.create',
  modality: 'embed',
  path: 'embeddings',
  input: 'input',
  canStream: false,
};

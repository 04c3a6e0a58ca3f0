import type { RunbookData } from './runbook-row.js';

/** What a client can be brought to call that calls whatever its user wants. */
export const generalRoutes = [
  { route: 'models.list', use: 'optional', verdict: 'native' },
  { route: 'chat.completions.create', use: 'always', verdict: 'native' },
  { route: 'responses.create', use: 'optional', verdict: 'native' },
  { route: 'embeddings.create', use: 'optional', verdict: 'native' },
  { route: 'audio.transcriptions.create', use: 'optional', verdict: 'native' },
  { route: 'audio.speech.create', use: 'optional', verdict: 'native' },
  { route: 'images.generate', use: 'optional', verdict: 'native' },
  { route: 'conversations.files.create', use: 'optional', verdict: 'gt_extension' },
  { route: 'datasets.files.create', use: 'optional', verdict: 'gt_extension' },
  { route: 'files.get', use: 'optional', verdict: 'gt_extension' },
] satisfies RunbookData['routes'];

/** Presets for what such a client may do beside a chat. */
export const generalAlternatives = [
  { preset: 'chat-plus-embeddings', when: 'The product makes embeddings too.' },
  { preset: 'multimodal-workspace', when: 'One key is to serve embeddings, sound and images as well.' },
  { preset: 'dataset-upload', when: 'A key for uploads into datasets.' },
  { preset: 'conversation-app', when: 'The program keeps conversations and their files on the platform.' },
] satisfies RunbookData['alternatives'];

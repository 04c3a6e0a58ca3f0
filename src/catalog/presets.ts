import { scopes, type Purpose, type Scope } from '../contracts/scopes.js';

export interface Preset {
  readonly slug: string;
  readonly name: string;
  readonly purpose: Purpose;
  readonly scopes: readonly Scope[];
  /** For a conversation key: the presets of the keys it links. */
  readonly links: { readonly inference: string; readonly upload: string } | null;
}

/** The presets that every tenant has (contract section 3). A tenant's own presets live in the database. */
export const builtInPresets: readonly Preset[] = [
  {
    slug: 'openai-chat-client',
    name: 'OpenAI-compatible chat client',
    purpose: 'inference',
    scopes: ['inference:chat'],
    links: null,
  },
  {
    slug: 'chat-plus-embeddings',
    name: 'Chat plus embeddings framework client',
    purpose: 'inference',
    scopes: ['inference:chat', 'inference:embed'],
    links: null,
  },
  {
    slug: 'agentic-ide',
    name: 'Agentic IDE or editor client',
    purpose: 'inference',
    scopes: ['inference:chat', 'responses:read', 'responses:write'],
    links: null,
  },
  {
    slug: 'voice-and-audio',
    name: 'Voice and audio',
    purpose: 'inference',
    scopes: ['inference:chat', 'inference:transcribe', 'inference:speech'],
    links: null,
  },
  { slug: 'image-generation', name: 'Image generation', purpose: 'inference', scopes: ['inference:image'], links: null },
  {
    slug: 'multimodal-workspace',
    name: 'Multimodal workspace client',
    purpose: 'inference',
    scopes: ['inference:chat', 'inference:embed', 'inference:transcribe', 'inference:speech', 'inference:image'],
    links: null,
  },
  { slug: 'dataset-upload', name: 'Dataset upload automation', purpose: 'upload', scopes: ['datasets:write'], links: null },
  {
    slug: 'conversation-app',
    name: 'Conversation app with uploads',
    purpose: 'conversation',
    scopes: ['conversations:read', 'conversations:write', 'conversations:files'],
    links: { inference: 'chat-plus-embeddings', upload: 'dataset-upload' },
  },
  {
    slug: 'platform-automation',
    name: 'Platform automation',
    purpose: 'inference',
    scopes: scopes.filter((scope) => scope !== 'inference:override'),
    links: null,
  },
];

/** The built-in preset of this slug, if there is one. */
export function builtInPreset(slug: string): Preset | undefined {
  return builtInPresets.find((preset) => preset.slug === slug);
}

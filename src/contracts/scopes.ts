/** Every scope a key can hold (contract section 3). A new scope starts here; routes and presets refer to it. */
export const scopes = [
  'inference:chat',
  'inference:embed',
  'inference:moderate',
  'inference:image',
  'inference:speech',
  'inference:transcribe',
  'inference:override',
  'responses:read',
  'responses:write',
  'conversations:read',
  'conversations:write',
  'conversations:files',
  'datasets:read',
  'datasets:write',
  'files:read',
  'files:write',
  'batches:read',
  'batches:write',
  'vector_stores:read',
  'vector_stores:write',
  'fine_tuning:read',
  'fine_tuning:write',
  'usage:read',
] as const;

export type Scope = (typeof scopes)[number];

/** What an endpoint can serve, and the scope that a key needs to use it so. */
export const modalityScopes = {
  chat: 'inference:chat',
  embed: 'inference:embed',
  transcribe: 'inference:transcribe',
  speech: 'inference:speech',
  image: 'inference:image',
  moderate: 'inference:moderate',
} as const satisfies Record<string, Scope>;

export type Modality = keyof typeof modalityScopes;

export const modalities = Object.keys(modalityScopes) as readonly Modality[];

/** What a key may be linked as; the scopes that a key of each purpose may hold are those of its presets. */
export const purposes = ['inference', 'upload', 'conversation'] as const;

export type Purpose = (typeof purposes)[number];

export function isScope(text: string): text is Scope {
  return (scopes as readonly string[]).includes(text);
}

/** Headers that choose what is done, as the body does. */
export const choosingHeaders = [
  'x-gt-conversation-id',
  'x-gt-model',
  'x-gt-session-key',
  'x-openclaw-agent-id',
  'x-openclaw-model',
  'x-openclaw-session-key',
] as const;

import type { ChoicesForm } from '../choices/choices-form.js';
import { isNamedFile } from './chat-files.js';
import type { Fields } from '../../../../kernel/fields.js';

/** Chat: messages in, a message in each choice. */
export const chatForm: ChoicesForm = {
  path: 'chat',
  input: 'messages',
  eventObject: 'chat.completion.chunk',
  idPrefix: 'chatcmpl-',
  stores: true,
  repeating: ['prompt_logprobs', 'return_token_ids'],
  isKnown: isNamedFile,
  eventChoices: ({ message, finish_reason, ...choice }) => [
    { ...choice, delta: deltaOf(message), finish_reason: null },
    { index: choice['index'] ?? 0, delta: {}, finish_reason: finish_reason ?? 'stop' },
  ],
};

/** A message as one delta: calls of tools have their place in it. */
function deltaOf(message: unknown): Fields {
  const delta = (message ?? {}) as Fields;
  const calls = delta['tool_calls'];
  if (!Array.isArray(calls)) return delta;
  return { ...delta, tool_calls: (calls as Fields[]).map((call, index) => ({ index, ...call })) };
}

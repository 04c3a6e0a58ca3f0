import { hash } from 'node:crypto';
import { idPrefixes } from '../../kernel/ids.js';
import { AppError } from '../../kernel/app-error.js';

/** The header that names a conversation, in lower case. */
export const conversationHeader = 'x-gt-conversation-id';

/** How a call names its conversation: by our id, and where (for its refusal), or by a name that stands for one of this key's. */
export type ConversationName =
  | { readonly kind: 'own'; readonly id: string; readonly param: string }
  | { readonly kind: 'foreign'; readonly foreignId: string };

const form = /^[A-Za-z0-9._:-]{1,200}$/;

/**
 * What names a conversation: a `conv_…` id, or whatever a product templated there.
 * @param param where it stands: the header, a member of the body, a field of a form.
 * @throws AppError invalid_value.
 */
export function conversationNamed(text: string, param: string): ConversationName {
  if (!form.test(text)) {
    throw new AppError('invalid_value', {
      param,
      message: `'${param}' must hold an id of 1 to 200 characters out of A-Z, a-z, 0-9 and ". _ : -".`,
    });
  }
  return text.startsWith(idPrefixes.conversation) ? { kind: 'own', id: text, param } : { kind: 'foreign', foreignId: text };
}

/** The refusal of an id of ours that is not this key's. */
export function noConversation(param: string): AppError {
  return new AppError('not_found', { param, message: 'No such conversation.' });
}

/** The conversation of a session. A slash cannot stand in the header, so no header names it by chance. */
export function conversationOfSession(session: string): ConversationName {
  return { kind: 'foreign', foreignId: `session/${hash('sha256', session, 'hex')}` };
}

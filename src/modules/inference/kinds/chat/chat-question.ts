import { isFields } from '../../../../kernel/fields.js';
import { roleOf } from './chat-role.js';

/** The text of the last message of the user, images and files left out; empty when there is none. */
export function lastQuestion(messages: readonly unknown[]): string {
  const message = messages.findLast((candidate) => roleOf(candidate) === 'user');
  if (!isFields(message)) return '';
  const { content } = message;
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return (content as unknown[])
    .map((part) => (isFields(part) && part['type'] === 'text' && typeof part['text'] === 'string' ? part['text'] : ''))
    .filter((text) => text !== '')
    .join('\n');
}

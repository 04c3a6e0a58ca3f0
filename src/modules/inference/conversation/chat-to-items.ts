import { textParts } from '../../conversations/content-parts.js';
import type { NewItem } from '../../conversations/item-form.js';
import { AnswerCollector, callIdOfFunction, type ChatAnswer } from './chat-answer.js';
import { isFields, roleOf, type Fields } from './chat-fields.js';

/**
 * The messages of a request that belong to its turn. A request that holds an assistant's message brings its own history:
 * only what follows the last one is new, but messages of the assistant at the very end are what the answer goes on from,
 * and belong to the turn with what was asked before them. Else all is new but the system and developer messages at the
 * beginning: those are the request's instructions and come again with the next one.
 */
export function newMessages(messages: readonly unknown[]): readonly unknown[] {
  const lastAsked = messages.findLastIndex((message) => roleOf(message) !== 'assistant');
  const lastAnswer = messages.slice(0, lastAsked + 1).findLastIndex((message) => roleOf(message) === 'assistant');
  return messages.slice(lastAnswer === -1 ? countInstructions(messages) : lastAnswer + 1);
}

/** How many messages at the beginning are instructions. */
export function countInstructions(messages: readonly unknown[]): number {
  const first = messages.findIndex((message) => !['system', 'developer'].includes(roleOf(message) ?? ''));
  return first === -1 ? messages.length : first;
}

/** Messages of a request in OpenAI's item form. What is no message is left out. */
export function itemsOfMessages(messages: readonly unknown[]): NewItem[] {
  return messages.flatMap((message) => (isFields(message) ? itemsOfMessage(message) : []));
}

function itemsOfMessage(message: Fields): NewItem[] {
  const { role, content, name } = message;
  switch (role) {
    case 'user':
    case 'system':
    case 'developer':
      return [
        {
          type: 'message',
          status: 'completed',
          role,
          content: itemParts(content),
          ...(typeof name === 'string' ? { name } : {}),
        },
      ];
    case 'assistant':
      return itemsOfAssistant(message);
    case 'tool':
      return typeof message['tool_call_id'] === 'string' ? [outputItem(message['tool_call_id'], content)] : [];
    case 'function':
      return typeof name === 'string' ? [outputItem(callIdOfFunction(name), content)] : [];
    default:
      return [];
  }
}

function itemsOfAssistant(message: Fields): NewItem[] {
  const collector = new AnswerCollector();
  collector.add({ choices: [{ message }] });
  const answer = collector.answer();
  return answer === undefined ? [] : itemsOfAnswer(answer);
}

function outputItem(callId: string, content: unknown): NewItem {
  const output = Array.isArray(content) ? itemParts(content) : typeof content === 'string' ? content : '';
  return { type: 'function_call_output', call_id: callId, output, status: 'completed' };
}

function itemParts(content: unknown): Fields[] {
  if (typeof content === 'string') return textParts('user', content);
  return Array.isArray(content) ? (content as unknown[]).filter(isFields).map(itemPart) : [];
}

function itemPart(part: Fields): Fields {
  const { image_url: image, file } = part;
  if (part['type'] === 'text') return { type: 'input_text', text: part['text'] };
  if (part['type'] === 'image_url' && isFields(image))
    return { type: 'input_image', image_url: image['url'], detail: image['detail'] ?? 'auto' };
  if (part['type'] === 'file' && isFields(file)) return { type: 'input_file', ...file };
  return part;
}

/** An answer as items: its message, if it says anything or nothing at all, then its calls of tools. */
export function itemsOfAnswer({ text, refusal, calls }: ChatAnswer): NewItem[] {
  const content = [
    ...(text === null || (text === '' && (refusal !== null || calls.length > 0)) ? [] : textParts('assistant', text)),
    ...(refusal === null || refusal === '' ? [] : [{ type: 'refusal', refusal }]),
  ];
  const message = { type: 'message', status: 'completed', role: 'assistant', content };
  return [
    ...(content.length === 0 && calls.length > 0 ? [] : [message]),
    ...calls.map(({ id, kind, name, input }) =>
      kind === 'custom'
        ? { type: 'custom_tool_call', call_id: id, name, input }
        : { type: 'function_call', call_id: id, name, arguments: input, status: 'completed' },
    ),
  ];
}

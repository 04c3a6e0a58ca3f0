import { textParts } from '../../../conversations/content-parts.js';
import type { NewItem } from '../../../conversations/item-form.js';
import { plainOf } from '../../wire/exact-json.js';
import { callIdOfFunction } from '../../call/function-call.js';
import { AnswerCollector, type ChatAnswer } from '../../chunks/chat-answer.js';
import { isFields, type Fields } from '../../../../kernel/fields.js';
import { roleOf } from './chat-role.js';
import { restOfPart } from './chat-parts.js';
import { furtherMembers } from '../../wire/further-members.js';
import { keepingSaid } from './said-in-chat.js';

const knownOfAsked = new Set(['role', 'content', 'name']);
const knownOfResult = new Set(['role', 'content', 'tool_call_id']);

/** Ids of the calls of tools whose results the messages bring. */
export function answeredCalls(messages: readonly unknown[]): ReadonlySet<string> {
  const ids = messages.flatMap((message) => (roleOf(message) === 'tool' && isFields(message) ? [message['tool_call_id']] : []));
  return new Set(ids.filter((id) => typeof id === 'string'));
}

/**
 * Messages of a request in OpenAI's item form. What is no message is left out.
 * @param messages with their numbers as they were written, see `readExact`.
 * @param connection the one that the call goes to: further members are meant for its provider.
 */
export function itemsOfMessages(messages: readonly unknown[], connection = ''): NewItem[] {
  return messages.flatMap((message) => (isFields(message) ? itemsOfMessage(message, connection).map(plainOf) : []));
}

function itemsOfMessage(message: Fields, connection: string): NewItem[] {
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
          ...keepingSaid(connection, { message: furtherMembers(message, knownOfAsked), ...restOfParts(content) }),
        },
      ];
    case 'assistant':
      return itemsOfAssistant(message, connection);
    case 'tool':
      return typeof message['tool_call_id'] === 'string' ? [outputItem(message['tool_call_id'], message, connection)] : [];
    case 'function':
      return typeof name === 'string' ? [outputItem(callIdOfFunction(name), { content }, connection)] : [];
    default:
      return [];
  }
}

function itemsOfAssistant(message: Fields, connection: string): NewItem[] {
  const collector = new AnswerCollector();
  collector.add({ choices: [{ message }] });
  const answer = collector.answer();
  return answer === undefined ? [] : itemsOfAnswer(answer, connection);
}

function outputItem(callId: string, message: Fields, connection: string): NewItem {
  const { content } = message;
  const output = Array.isArray(content) ? itemParts(content) : typeof content === 'string' ? content : '';
  const said = keepingSaid(connection, { message: furtherMembers(message, knownOfResult), ...restOfParts(content) });
  return { type: 'function_call_output', call_id: callId, output, status: 'completed', ...said };
}

/** A list of parts stays one, and its parts what they were. */
function restOfParts(content: unknown): { readonly parts?: readonly (Fields | null)[] } {
  return Array.isArray(content) ? { parts: (content as unknown[]).filter(isFields).map(restOfPart) } : {};
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

/**
 * An answer as items: its message, if it says anything or nothing at all, then its calls of tools.
 * @param connection the one that it came from.
 */
export function itemsOfAnswer({ text, refusal, calls, further, parts }: ChatAnswer, connection = ''): NewItem[] {
  const content = [
    ...(text === null || (text === '' && (refusal !== null || calls.length > 0)) ? [] : textParts('assistant', text)),
    ...(refusal === null || refusal === '' ? [] : [{ type: 'refusal', refusal }]),
  ];
  const saidSo = parts ?? (text === '' && content.length === 0 ? '' : undefined);
  const ofMessage = { message: further, content: saidSo };
  const hasMessage = content.length > 0 || calls.length === 0;
  const message = { type: 'message', status: 'completed', role: 'assistant', content, ...keepingSaid(connection, ofMessage) };
  return [
    ...(hasMessage ? [message] : []),
    ...calls.map(({ id, kind, name, input, further: call, furtherOfTool: tool }, at) => ({
      ...(kind === 'custom'
        ? { type: 'custom_tool_call', call_id: id, name, input }
        : { type: 'function_call', call_id: id, name, arguments: input, status: 'completed' }),
      ...keepingSaid(connection, { ...(hasMessage || at > 0 ? {} : ofMessage), call, tool }),
    })),
  ];
}

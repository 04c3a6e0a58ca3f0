import { reply, type Answer, type RecordedBody, type RecordingProvider } from './recording-provider.js';
import { answerOf, message } from './responses-provider.js';

/** A conversation in short words, whichever way its provider is spoken to: `user A`, `assistant B`, `call one`, `result one`. */

/** Answers with this text. */
export const saying =
  (text: string): Answer =>
  (body, response) =>
    'messages' in body ? reply(response, body, { content: text }) : answerOf(message(text))(body, response);

/** Answers with these texts one after the other. */
export function says(provider: RecordingProvider, ...texts: readonly string[]): void {
  const left = [...texts];
  provider.answerWith((body, response) => saying(left.shift() ?? 'Nothing.')(body, response));
}

/** Calls tools under these ids at once. */
export function callsTools(provider: RecordingProvider, ...ids: readonly string[]): void {
  provider.answerWith((body, response) => {
    const items = ids.map((id) => ({ type: 'function_call', id: `fc_${id}`, call_id: id, name: 'clock', arguments: '{}' }));
    const calls = ids.map((id) => ({ id, type: 'function', function: { name: 'clock', arguments: '{}' } }));
    if ('messages' in body) reply(response, body, { content: null, tool_calls: calls }, 'tool_calls');
    else answerOf(...items)(body, response);
  });
}

export const user = (text: string) => ({ role: 'user', content: text });
export const assistant = (text: string) => ({ role: 'assistant', content: text });
export const called = (id: string) => ({ type: 'function_call', call_id: id, name: 'clock', arguments: '{}' });
export const result = (id: string, output = `result of ${id}`) => ({ type: 'function_call_output', call_id: id, output });

const textOf = (content: unknown): string =>
  typeof content === 'string' ? content : Array.isArray(content) ? content.map(({ text }) => String(text)).join('+') : '';

/** Messages and items in short. */
export function short(given: readonly unknown[]): string[] {
  return (given as Record<string, unknown>[]).flatMap((one) => {
    const { role, type, content, call_id: id, tool_call_id: chatId, tool_calls: calls } = one;
    if (Array.isArray(calls)) return (calls as { id: string }[]).map((made) => `call ${made.id}`);
    if (role === 'tool') return [`result ${String(chatId)}`];
    if (type === 'function_call') return [`call ${String(id)}`];
    if (type === 'function_call_output') return [`result ${String(id)}`];
    return [role === undefined ? String(type) : `${String(role)} ${textOf(content)}`];
  });
}

/** What a model was given. */
export function given(body: RecordedBody | undefined): string[] {
  const { messages, input } = body as { messages?: readonly unknown[]; input?: unknown };
  return typeof input === 'string' ? [`user ${input}`] : short(messages ?? (input as readonly unknown[]));
}

import type { ServerResponse } from 'node:http';
import type { Answer, RecordedBody } from './recording-provider.js';
import { answerOf, message } from './responses-provider.js';

/** Says a text to a request of either wire, in one piece or in deltas of a few characters. */
export const saying =
  (text: string): Answer =>
  (body, response) =>
    'messages' in body ? sayInChat(text, body, response) : answerOf(message(text))(body, response);

function sayInChat(text: string, body: RecordedBody, response: ServerResponse): void {
  const head = { id: 'chatcmpl-1', created: 1, model: 'provider-model' };
  const usage = { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 };
  if (body.stream !== true) {
    const choices = [{ index: 0, message: { role: 'assistant', content: text }, finish_reason: 'stop', logprobs: null }];
    response
      .setHeader('content-type', 'application/json')
      .end(JSON.stringify({ ...head, object: 'chat.completion', choices, usage }));
    return;
  }
  const chunk = (choices: object[], further: object = {}): string =>
    `data: ${JSON.stringify({ ...head, object: 'chat.completion.chunk', choices, ...further })}\n\n`;
  response.setHeader('content-type', 'text/event-stream');
  for (const content of text.match(/.{1,3}/gsu) ?? [])
    response.write(chunk([{ index: 0, delta: { content }, finish_reason: null }]));
  response.write(chunk([{ index: 0, delta: {}, finish_reason: 'stop' }]));
  response.write(chunk([], { usage }));
  response.end('data: [DONE]\n\n');
}

/** What the provider was told, whatever its wire: all texts of its messages or items. */
export function toldTo(body: RecordedBody | undefined): string {
  return JSON.stringify(body?.messages ?? body?.['input'] ?? null);
}

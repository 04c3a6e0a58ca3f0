import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  dataOf,
  errorReply,
  sayBlocks,
  startAnthropicProvider,
  thoughtBlock,
  type AnthropicProvider,
} from '../../../../../test/support/anthropic-provider.js';
import type { Fields } from '../../../../kernel/fields.js';
import { printExact } from '../../wire/exact-json.js';
import { anthropic } from './anthropic.js';

let provider: AnthropicProvider;
beforeAll(async () => {
  provider = await startAnthropicProvider();
});
afterAll(() => provider.close());

const version = { 'anthropic-version': '2023-06-01' };
const key = { 'x-api-key': 'key' };

async function send(chat: Fields, headers: Record<string, string> = { ...version, ...key }): Promise<[number, string]> {
  const { path, body } = anthropic.request(chat, { stream: chat['stream'] === true, kept: () => undefined });
  const response = await fetch(`${provider.url}${path}`, { method: 'POST', headers, body: printExact(body) });
  return [response.status, await response.text()];
}

const chat = { model: 'm', messages: [{ role: 'user', content: 'Hello.' }], reasoning_effort: 'high' };

describe('a provider of this wire', () => {
  it('takes a request and is understood, whole and streamed', async () => {
    provider.answerWith(sayBlocks([thoughtBlock('Hm.'), { type: 'text', text: 'Grüße.' }]));
    const [status, whole] = await send(chat);
    expect(status).toBe(200);
    expect(anthropic.reader(chat).whole(JSON.parse(whole) as Fields)).toMatchObject({
      choices: [{ message: { content: 'Grüße.', reasoning_content: 'Hm.' }, finish_reason: 'stop' }],
    });
    const [, streamed] = await send({ ...chat, stream: true });
    const events = dataOf(streamed);
    const reader = anthropic.reader(chat);
    const chunks = events.flatMap((event) => reader.take(event));
    const texts = chunks.flatMap(({ choices }) => (choices as { delta: Fields }[]).map(({ delta }) => delta['content'] ?? ''));
    expect([reader.finished, texts.join('')]).toEqual([true, 'Grüße.']);
  });

  it('refuses who names no version and who has no key', async () => {
    expect((await send(chat, key))[0]).toBe(400);
    expect((await send(chat, version))[0]).toBe(401);
  });

  it('tells errors in the form that a reader knows', async () => {
    provider.answerWith((_body, response) => errorReply(response, 529, 'overloaded_error', 'Overloaded'));
    const [status, text] = await send(chat);
    expect([status, anthropic.reader(chat).whole(JSON.parse(text) as Fields)]).toEqual([
      529,
      { error: { message: 'Overloaded' } },
    ]);
  });
});

import { expect } from '@jest/globals';
import type OpenAI from 'openai';
import type { ChatCompletionCreateParams } from 'openai/resources/chat/completions';
import { faultsOf } from './openai-schema.js';
import { startPlatform, type SeededKey, type TestPlatform } from './platform.js';
import { openai, post, user } from './relay.js';

/** What the alias `assistant` is told to do. */
export const instructions = 'Answer shortly.';

/** Parameters of a chat whose messages are asked for by default, with fields that OpenAI does not know. */
export type SentParams = Omit<ChatCompletionCreateParams, 'messages' | 'stream'> & { readonly [unknown: string]: unknown };

/** A platform with endpoints of every kind, and a key that may use all of them. */
export interface Relay {
  readonly platform: TestPlatform;
  readonly key: SeededKey;
  readonly client: OpenAI;
  /** The body that reaches the provider for these parameters, told by the provider itself. */
  sent(params: SentParams, through?: OpenAI): Promise<Record<string, unknown>>;
  chat(body: object | string, headers?: Record<string, string>, secret?: string): Promise<Response>;
}

/**
 * Starts the platform. Besides `assistant` and `raw-chat`: `developer-role`, `tuned` (defaults and pinned parameters),
 * `twice` (asks for two choices), `chat-only` and the raw model `vendor/folder/model.v1`.
 */
export async function startRelay(): Promise<Relay> {
  const platform = await startPlatform({ agent: { instructions } });
  const { acme, factory, app } = platform;
  const key = await factory.key(acme);
  await factory.alias(acme, 'developer-role', { instructions, instructions_role: 'developer' });
  await factory.alias(acme, 'tuned', {
    parameters: { temperature: 0.1, seed: 7, max_tokens: 5000 },
    pinned: ['seed', 'top_p'],
  });
  await factory.alias(acme, 'twice', { parameters: { n: 2 } });
  await factory.alias(acme, 'chat-only', { models: { chat: { connection: acme.connectionId, model: 'sandbox-chat' } } });
  await factory.rawModel(acme, 'vendor/folder/model.v1', 'sandbox-chat', ['chat']);
  const client = openai(app.baseUrl, key);
  return {
    platform,
    key,
    client,
    sent: async (params, through = client) => {
      const answer = await through.chat.completions.create({ messages: [user('[[show-request]]')], ...params });
      return JSON.parse(answer.choices[0]?.message.content ?? '') as Record<string, unknown>;
    },
    chat: (body, headers = {}, secret = key.secret) => post({ url: `${app.baseUrl}/chat/completions`, secret, body, headers }),
  };
}

/** Status, code and param of a refusal, whose body is in OpenAI's form. */
export async function refusalOf(reply: Promise<Response>): Promise<[number, string | null, string | null]> {
  const response = await reply;
  const body = (await response.json()) as { error: { code: string | null; param: string | null } };
  expect(faultsOf('ErrorResponse', body)).toEqual([]);
  return [response.status, body.error.code, body.error.param];
}

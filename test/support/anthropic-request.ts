import { expect } from '@jest/globals';
import type { Fields } from '../../src/kernel/fields.js';
import { anthropic } from '../../src/modules/inference/dialects/anthropic/anthropic.js';
import type { DialectAsked } from '../../src/modules/inference/dialects/dialect.js';
import { faultOf, signatureOf } from './anthropic-rules.js';

export const hello = [{ role: 'user', content: 'Hello.' }];
export const asked = (more: Partial<DialectAsked> = {}): DialectAsked => ({ stream: false, kept: () => undefined, ...more });

/** The request for a chat, which a provider takes. */
export function taken(chat: Fields, more: Partial<DialectAsked> = {}): Fields {
  const { body } = anthropic.request({ model: 'claude-sonnet-4-6', messages: hello, ...chat }, asked(more));
  expect(faultOf(body)).toBeUndefined();
  return body;
}

export const leftOut = (chat: Fields) =>
  anthropic.request({ model: 'claude-sonnet-4-6', messages: hello, ...chat }, asked()).leftOut;
export const refusal = (chat: Fields): unknown => {
  try {
    anthropic.request({ model: 'claude-sonnet-4-6', messages: hello, ...chat }, asked());
    return undefined;
  } catch (error) {
    return error;
  }
};

export const weather = { name: 'weather', parameters: { type: 'object', properties: { city: { type: 'string' } } } };
export const tools = [{ type: 'function', function: weather }];
export const call = (id: string, name = 'weather', input = '{}') => ({
  id,
  type: 'function',
  function: { name, arguments: input },
});
export const result = (id: string, content: unknown = 'sunny') => ({ role: 'tool', tool_call_id: id, content });
export const thought = (thinking: string) => ({ type: 'thinking', thinking, signature: signatureOf(thinking) });

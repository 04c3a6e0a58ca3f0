import { describe, expect, it } from '@jest/globals';
import { asked, hello, leftOut, refusal, taken } from '../../../../../test/support/anthropic-request.js';
import { anthropic } from './anthropic.js';

describe('a chat as a request for a message', () => {
  it('says a question as it is', () => {
    expect(anthropic.request({ model: 'm', messages: hello }, asked())).toEqual({
      path: '/messages',
      body: { model: 'm', max_tokens: 16_384, messages: [{ role: 'user', content: [{ type: 'text', text: 'Hello.' }] }] },
      leftOut: [],
    });
  });

  it('asks at the path of the connection, and for a stream', () => {
    const request = anthropic.request({ model: 'm', messages: hello }, asked({ path: '/other', stream: true }));
    expect(request).toMatchObject({ path: '/other', body: { stream: true } });
  });

  it('always says how long the answer may be: as the client asks, else as the model is known to be, else by itself', () => {
    expect(taken({ max_completion_tokens: 5, max_tokens: 6 })['max_tokens']).toBe(5);
    expect(taken({ max_tokens: 6 }, { maxTokens: 7 })['max_tokens']).toBe(6);
    expect(taken({}, { maxTokens: 7 })['max_tokens']).toBe(7);
    expect(taken({ model: 'claude-3-haiku-20240307' })['max_tokens']).toBe(4096);
  });

  it('leaves sampling out where the model takes none', () => {
    const both = { temperature: 0.2, top_p: 0.9 };
    expect(taken(both)).toMatchObject({ temperature: 0.2 });
    expect(leftOut(both)).toEqual(['top_p']);
    expect(taken({ top_p: 0.9 })).toMatchObject({ top_p: 0.9 });
    for (const more of [{ reasoning_effort: 'low' }, { model: 'claude-opus-5' }, { thinking: { type: 'adaptive' } }]) {
      expect(taken({ ...both, ...more })).not.toHaveProperty('temperature');
      expect(leftOut({ ...both, ...more })).toEqual(['temperature', 'top_p']);
    }
  });

  it('asks for the form of the answer by a member, or in words', () => {
    const schema = { type: 'object', properties: {} };
    const format = { type: 'json_schema', json_schema: { name: 'city', schema } };
    expect(taken({ response_format: format, reasoning_effort: 'low' })['output_config']).toEqual({
      effort: 'low',
      format: { type: 'json_schema', schema },
    });
    for (const chat of [{ response_format: { type: 'json_object' } }, { response_format: format, model: 'claude-3-7-sonnet' }]) {
      const said = taken(chat);
      expect(said).not.toHaveProperty('output_config');
      expect(JSON.stringify(said['system'])).toContain('one JSON object');
    }
    expect(taken({ response_format: { type: 'text' } })).not.toHaveProperty('system');
  });

  it('says the user, where to stop, the tier, and members of this wire itself', () => {
    const chat = { user: 'u', stop: ['END', ''], service_tier: 'default', top_k: 5, output_config: { effort: 'low' } };
    expect(taken(chat)).toMatchObject({
      metadata: { user_id: 'u' },
      stop_sequences: ['END'],
      service_tier: 'standard_only',
      top_k: 5,
      output_config: { effort: 'low' },
    });
    expect(taken({ safety_identifier: 's', store: true, stream_options: { include_usage: true } })).toEqual(
      taken({ user: 's', stream: true, n: 1, logprobs: false, frequency_penalty: 0 }),
    );
  });

  it('names the hints that it leaves out', () => {
    const chat = { seed: 1, frequency_penalty: 0.5, presence_penalty: 0, verbosity: 'low', metadata: {}, service_tier: 'flex' };
    expect(leftOut(chat)).toEqual(['seed', 'frequency_penalty', 'verbosity', 'service_tier']);
  });

  it.each([
    ['n', { n: 2 }],
    ['logprobs', { logprobs: true }],
    ['top_logprobs', { top_logprobs: 3 }],
    ['logit_bias', { logit_bias: { 5: 1 } }],
    ['prediction', { prediction: { type: 'content', content: 'x' } }],
    ['modalities', { modalities: ['text', 'audio'] }],
    ['web_search_options', { web_search_options: {} }],
    ['stop', { stop: '\n' }],
  ])('refuses %s, which changes the answer and has no word here', (param, chat) => {
    expect(refusal(chat)).toMatchObject({ status: 400, code: 'unsupported_parameter', param });
  });

  it.each([
    ['temperature', { temperature: 1.5 }],
    ['reasoning_effort', { reasoning_effort: 'constructor' }],
  ])('refuses a %s that is none here', (param, chat) => {
    expect(refusal(chat)).toMatchObject({ status: 400, code: 'invalid_value', param });
  });

  it('reads very long chats in one step', () => {
    const messages = Array.from({ length: 150_000 }, () => ({ role: 'user', content: 'x' }));
    const said = taken({ messages })['messages'] as { content: unknown[] }[];
    expect(said[0]?.content).toHaveLength(150_000);
    const content = Array.from({ length: 150_000 }, () => ({ type: 'text', text: 'x' }));
    const long = ['system', 'user', 'system', 'user'].map((role) => ({ role, content }));
    const { system, messages: told } = taken({ messages: long }) as { system: unknown; messages: { content: unknown[] }[] };
    expect(system).toHaveLength(300_000);
    expect(told[0]?.content).toHaveLength(300_000);
  });
});

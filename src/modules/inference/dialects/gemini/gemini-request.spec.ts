import { describe, expect, it } from '@jest/globals';
import { askedOf, refusalOf } from '../../../../../test/support/gemini-request.js';
import type { Fields } from '../../../../kernel/fields.js';
import { printExact, readExact } from '../../wire/exact-json.js';

const configOf = (members: Fields) => askedOf(members).body['generationConfig'];

describe('the path', () => {
  it.each([
    ['gemini-3-pro', {}, '/models/gemini-3-pro:generateContent'],
    ['gemini-3-pro', { stream: true }, '/models/gemini-3-pro:streamGenerateContent?alt=sse'],
    ['models/gemini-3-pro', {}, '/models/gemini-3-pro:generateContent'],
    ['tunedModels/my-own', {}, '/tunedModels/my-own:generateContent'],
    ['../files?x=1#y', {}, '/models/..%2Ffiles%3Fx%3D1%23y:generateContent'],
    ['any', { path: '/publishers/google/models/x', stream: true }, '/publishers/google/models/x:streamGenerateContent?alt=sse'],
    ['any', { path: '/here:generateContent', stream: true }, '/here:streamGenerateContent?alt=sse'],
  ])('of %s with %j', (model, told, path) => expect(askedOf({ model }, told).path).toBe(path));
});

describe('how the answer is made', () => {
  it('is said with the numbers as they were written', () => {
    const json =
      '{"temperature":0.50,"top_p":1.0,"max_tokens":16,"max_completion_tokens":1e2,"stop":["a",""],"seed":7,"presence_penalty":-0.0,"frequency_penalty":0.10,"top_k":4}';
    expect(printExact(configOf(readExact(Buffer.from(json), JSON.parse(json)) as Fields))).toBe(
      '{"maxOutputTokens":1e2,"temperature":0.50,"topP":1.0,"topK":4,"stopSequences":["a"],"seed":7,"presencePenalty":-0.0,"frequencyPenalty":0.10}',
    );
  });

  it('has the form that was asked for', () => {
    const schema = { type: 'object', properties: { a: { const: 'x' } } };
    expect(configOf({ response_format: { type: 'text' } })).toBeUndefined();
    expect(configOf({ response_format: { type: 'json_object' } })).toEqual({ responseMimeType: 'application/json' });
    expect(configOf({ response_format: { type: 'json_schema', json_schema: { name: 'x', schema } } })).toEqual({
      responseMimeType: 'application/json',
      responseJsonSchema: { type: 'object', properties: { a: { enum: ['x'] } } },
    });
  });

  const levels = { none: 'minimal', minimal: 'minimal', low: 'low', medium: 'medium', high: 'high', xhigh: 'high' };
  it.each([
    ['gemini-3-flash-preview', 'thinkingLevel', levels],
    ['models/gemini-3.5-flash', 'thinkingLevel', levels],
    ['gemini-3.1-flash-lite', 'thinkingLevel', levels],
    ['gemini-3.8-flash', 'thinkingLevel', { ...levels, none: 'low', minimal: 'low' }],
    ['gemini-3.1-pro-preview', 'thinkingLevel', { ...levels, none: 'low', minimal: 'low' }],
    ['gemini-3-pro-preview', 'thinkingLevel', { ...levels, none: 'low', minimal: 'low', medium: 'high' }],
    ['gemini-flash-latest', 'thinkingLevel', { ...levels, none: 'low', minimal: 'low' }],
    ['gemini-2.5-flash', 'thinkingBudget', { none: 0, minimal: 1024, low: 1024, medium: 8192, high: 24576, xhigh: 24576 }],
    ['gemini-2.5-pro', 'thinkingBudget', { none: 128, minimal: 1024, low: 1024, medium: 8192, high: 24576, xhigh: 32768 }],
  ])('of %s thinks by its %s', (model, member, values) => {
    for (const [effort, value] of Object.entries(values))
      expect(configOf({ model, reasoning_effort: effort })).toEqual({
        thinkingConfig: { [member]: value, ...(effort === 'none' ? {} : { includeThoughts: true }) },
      });
  });

  it('leaves out hints that have no word, and names them', () => {
    const hints = { user: 'u', metadata: { a: 'b' }, parallel_tool_calls: false, verbosity: null, seed: 2 ** 40, store: true };
    expect(askedOf(hints).leftOut).toEqual(['seed', 'parallel_tool_calls', 'user', 'metadata']);
    expect(configOf(hints)).toBeUndefined();
    expect(askedOf({ parallel_tool_calls: true, seed: null, logprobs: false, n: 1, logit_bias: {} }).leftOut).toEqual([]);
    const penalties = { presence_penalty: 1, frequency_penalty: 1 };
    expect(askedOf({ ...penalties, model: 'gemini-2.5-pro' }).leftOut).toEqual(['presence_penalty', 'frequency_penalty']);
    expect(askedOf({ reasoning_effort: 'low', model: 'gemini-2.0-flash' }).leftOut).toEqual(['reasoning_effort']);
    expect(askedOf({ reasoning_effort: 'low', model: 'gemma-3-27b-it' }).leftOut).toEqual(['reasoning_effort']);
  });

  it.each([
    [{ n: 2 }, 'n'],
    [{ logprobs: true }, 'logprobs'],
    [{ top_logprobs: 2 }, 'top_logprobs'],
    [{ logit_bias: { 1: 2 } }, 'logit_bias'],
    [{ prediction: { type: 'content', content: 'x' } }, 'prediction'],
    [{ audio: { voice: 'x' } }, 'audio'],
    [{ modalities: ['text', 'audio'] }, 'modalities'],
  ])('refuses %j, which would change the answer', (members, name) =>
    expect(refusalOf(members)).toEqual(['unsupported_parameter', name]),
  );

  it('refuses what no chat may hold', () => {
    expect(refusalOf({ reasoning_effort: 'much' })).toEqual(['invalid_value', 'reasoning_effort']);
    expect(refusalOf({ messages: [] })).toEqual(['invalid_value', 'messages']);
    expect(refusalOf({ model: 7 })).toEqual(['invalid_value', 'model']);
  });
});

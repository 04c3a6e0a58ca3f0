import type { LanguageModelV3StreamPart } from '@ai-sdk/provider';
import { describe, expect, it } from '@jest/globals';
import { leftOut, toldPart } from './told-parts.js';

describe('a part of a stream', () => {
  it.each([
    { type: 'text-delta', id: '0', delta: 'a' },
    { type: 'reasoning-delta', id: '0', delta: 'a' },
    { type: 'tool-input-start', id: 'call_1', toolName: 'f' },
    { type: 'tool-input-delta', id: 'call_1', delta: '{' },
    { type: 'tool-call', toolCallId: 'call_1', toolName: 'f', input: '{}' },
  ] as const)('is told as it is: $type', (part) => expect(toldPart(part)).toEqual(part));

  it.each<LanguageModelV3StreamPart>([
    { type: 'stream-start', warnings: [] },
    { type: 'response-metadata', id: 'x' },
    { type: 'text-start', id: '0' },
    { type: 'raw', rawValue: {} },
  ])('says nothing of the answer: $type', (part) => expect(toldPart(part)).toBeUndefined());

  it.each([
    ['AI_TypeValidationError', 'unknown'],
    ['AI_JSONParseError', 'unreadable'],
    ['AI_APICallError', 'provider'],
  ])('tells of an error no more than its kind: %s', (name, is) => {
    const error = Object.assign(new Error('secret prompt'), { name, requestBodyValues: 'secret prompt' });
    expect(toldPart({ type: 'error', error })).toEqual({ type: 'error', is });
    expect(toldPart({ type: 'error', error: { message: 'secret prompt' } })).toEqual({ type: 'error', is: 'provider' });
  });
});

describe('the warnings of a package', () => {
  it('are the members of the request that were left out, each once', () => {
    expect(
      leftOut([
        { type: 'unsupported', feature: 'topK' },
        { type: 'unsupported', feature: 'topK' },
        { type: 'compatibility', feature: 'responseFormat' },
        { type: 'unsupported', feature: 'what no chat has' },
        { type: 'other', message: 'Be careful.' },
      ]),
    ).toEqual(['top_k', 'response_format']);
  });
});

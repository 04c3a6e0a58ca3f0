import { describe, expect, it } from '@jest/globals';
import type { Fields } from '../../../kernel/fields.js';
import { anthropic } from '../dialects/anthropic/anthropic.js';
import { geminiChat } from '../dialects/gemini/gemini-dialect.js';
import { readExact } from '../wire/exact-json.js';
import { unsignedCalls } from './unsigned-calls.js';

const call = (id: string, further: Fields = {}): Fields => ({
  id,
  type: 'function',
  function: { name: 'find', arguments: '{}' },
  ...further,
});
const says = (calls: readonly unknown[], further: Fields = {}): Fields => ({ role: 'assistant', tool_calls: calls, ...further });
const idsOf = (dialect: typeof anthropic, ...messages: unknown[]) => unsignedCalls({ messages }, dialect).map(({ id }) => id);
const signed = { extra_content: { google: { thought_signature: 'c2ln' } } };
const thoughts = { thinking_blocks: [{ type: 'thinking', thinking: 'Hm.', signature: 's' }] };

describe('the calls that a request brings without what their provider wants back', () => {
  it('are those of the newest message first, functions and custom tools', () => {
    const custom = { id: 'c', type: 'custom', custom: { name: 'write', input: 'A text.' } };
    const messages = [says([call('a')]), { role: 'tool', tool_call_id: 'a', content: '' }, says([call('b'), custom])];
    expect(unsignedCalls({ messages }, anthropic)).toEqual([
      { id: 'b', name: 'find', input: '{}' },
      { id: 'c', name: 'write', input: 'A text.' },
      { id: 'a', name: 'find', input: '{}' },
    ]);
  });

  it('are none of a message that brings it', () => {
    expect(idsOf(anthropic, says([call('a'), call('b')], thoughts), says([call('c')]))).toEqual(['c']);
    expect(idsOf(anthropic, says([call('a')], { thinking_blocks: [{ type: 'thinking', thinking: 'Hm.' }] }))).toEqual(['a']);
    expect(idsOf(geminiChat, says([call('a', signed), call('b')]), says([call('c')]))).toEqual(['c']);
  });

  it('are the newest 512', () => {
    const ids = Array.from({ length: 600 }, (_none, at) => `call_${at}`);
    expect(idsOf(anthropic, ...ids.map((id) => says([call(id)])))).toEqual(ids.toReversed().slice(0, 512));
    expect(idsOf(anthropic, says(ids.map((id) => call(id))))).toHaveLength(512);
  });

  it('have arguments that stand in the request as an object as text, their numbers as they were written', () => {
    const body = Buffer.from(
      '{"messages":[{"role":"assistant","tool_calls":[{"id":"a","function":{"name":"f","arguments":{"x":1.0}}}]}]}',
    );
    const chat = readExact(body, JSON.parse(body.toString())) as Fields;
    expect(unsignedCalls(chat, anthropic)).toEqual([{ id: 'a', name: 'f', input: '{"x":1.0}' }]);
  });

  it('are no call that is none', () => {
    const broken = [null, 'a', { id: 7 }, { id: 'a' }, { id: 'a', function: {} }];
    expect(idsOf(anthropic, null, 'x', says(broken), { role: 'user', tool_calls: [call('a')] })).toEqual([]);
    expect(unsignedCalls({ messages: 'x' }, anthropic)).toEqual([]);
  });
});

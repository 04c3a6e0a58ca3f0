import { describe, expect, it } from '@jest/globals';
import type { Fields } from '../../../kernel/fields.js';
import type { ChatReader } from '../dialects/dialect.js';
import { HeardAnswer } from './heard-answer.js';

/** Says events as they are, and wants something back with the call `a`. */
const reader: ChatReader = {
  whole: (given) => given,
  take: (event) => [event],
  end: () => undefined,
  finished: true,
  ended: true,
  kept: new Map([['a', { signature: 's' }]]),
};
const kept = Buffer.from('{"signature":"s"}');
const call = (id: string, input: string): Fields => ({ id, type: 'function', function: { name: 'find', arguments: input } });
const custom: Fields = { id: 'c', type: 'custom', custom: { name: 'write', input: 'A text.' } };
const calls = [
  { id: 'a', name: 'find', input: '{"x":1}', kept },
  { id: 'b', name: 'find', input: '{}', kept: undefined },
  { id: 'c', name: 'write', input: 'A text.', kept: undefined },
];

describe('the calls that an answer makes', () => {
  it('are heard in one that is whole', () => {
    const heard = new HeardAnswer(reader);
    const given = { choices: [{ message: { tool_calls: [call('a', '{"x":1}'), call('b', '{}'), custom] } }] };
    expect(heard.whole(given)).toBe(given);
    expect(heard.calls).toEqual(calls);
  });

  it('are heard in one that comes in pieces', () => {
    const heard = new HeardAnswer(reader);
    const say = (...pieces: Fields[]) => heard.take({ choices: [{ delta: { tool_calls: pieces } }] });
    say({ index: 0, ...call('a', '') });
    for (const piece of ['{"x"', ':1}']) say({ index: 0, function: { arguments: piece } });
    say({ index: 1, ...call('b', '{}') }, { index: 2, ...custom });
    heard.take({ choices: [{ delta: { content: 'Words.' } }] });
    heard.take({ choices: [], usage: {} });
    expect(heard.calls).toEqual(calls);
  });

  it('are none where their inputs have no end', () => {
    const heard = new HeardAnswer(reader);
    heard.whole({ choices: [{ message: { tool_calls: [call('a', 'x'.repeat(1_000_001))] } }] });
    expect(heard.calls).toEqual([]);
  });
});

import { describe, expect, it } from '@jest/globals';
import { batchLines, fineTuneLines } from './line-judges.js';

const request = { custom_id: 'a', method: 'POST', url: '/v1/chat/completions', body: { model: 'm' } };

describe('a line of a batch', () => {
  it('is a request with an id of its own', () => {
    const judge = batchLines();
    expect(judge(request, 1)).toBeUndefined();
    expect(judge({ ...request, custom_id: 'b', more: 1 }, 2)).toBeUndefined();
    expect(judge(request, 3)).toBe("'custom_id' is the same as in line 1");
    const long = 'x'.repeat(400);
    expect(judge({ ...request, custom_id: `${long}1` }, 4)).toBeUndefined();
    expect(judge({ ...request, custom_id: `${long}2` }, 5)).toBeUndefined();
    expect(judge({ ...request, custom_id: `${long}1` }, 6)).toBe("'custom_id' is the same as in line 4");
  });

  it.each([
    [{ custom_id: undefined }, "'custom_id' must be"],
    [{ custom_id: '' }, "'custom_id' must be"],
    [{ custom_id: 7 }, "'custom_id' must be"],
    [{ custom_id: 'ä'.repeat(513) }, "'custom_id' has more"],
    [{ custom_id: 'a\0' }, "'custom_id' holds NUL"],
    [{ custom_id: '\ud800' }, "'custom_id' holds NUL or half"],
    [{ method: 'GET' }, "'method'"],
    [{ method: undefined }, "'method'"],
    [{ url: 'v1/chat' }, "'url'"],
    [{ url: null }, "'url'"],
    [{ body: [] }, "'body'"],
    [{ body: '{}' }, "'body'"],
  ])('with %j is refused', (change, fault) => {
    expect(batchLines()({ ...request, ...change }, 1)).toContain(fault);
  });
});

const user = { role: 'user', content: 'hi' };
const assistant = { role: 'assistant', content: 'hello' };

describe('an example of fine-tuning', () => {
  it.each([
    [{ messages: [user, assistant] }],
    [
      {
        messages: [
          { role: 'user', content: [{ type: 'text', text: 'hi' }] },
          { ...assistant, weight: 0 },
        ],
        tools: [],
      },
    ],
    [{ messages: [user, { role: 'assistant', tool_calls: [{}] }, { role: 'tool', content: 'x' }] }],
    [{ messages: [user, { role: 'assistant', content: null, function_call: {} }] }],
    [{ messages: [user], reference_answer: 'x' }],
    [{ prompt: 'a', completion: 'b' }],
    [{ input: { messages: [user] }, preferred_output: [assistant], non_preferred_output: [assistant] }],
  ])('may be %j', (line) => {
    expect(fineTuneLines()(line, 1)).toBeUndefined();
  });

  it.each([
    [{}, "an example has 'messages'"],
    [{ messages: [] }, "'messages' must be a list"],
    [{ messages: {} }, "'messages' must be a list"],
    [{ messages: ['hi'] }, "'messages[0]' must be an object"],
    [{ messages: [user, { role: 'robot', content: 'x' }] }, "'messages[1].role'"],
    [{ messages: [{ role: 'user' }] }, "'messages[0].content'"],
    [{ messages: [{ role: 'user', content: null }] }, "'messages[0].content'"],
    [{ messages: [{ role: 'user', content: [] }] }, "'messages[0].content'"],
    [{ messages: [{ role: 'assistant' }] }, "'messages[0].content'"],
    [{ prompt: 'a' }, "'completion'"],
    [{ prompt: 1, completion: 'a' }, "'prompt'"],
    [{ input: [] }, "'input' must be"],
    [{ input: { messages: [user] }, preferred_output: [assistant] }, "'non_preferred_output'"],
  ])('may not be %j', (line, fault) => {
    expect(fineTuneLines()(line, 1)).toContain(fault);
  });

  it('has the form of those before it', () => {
    const judge = fineTuneLines();
    expect(judge({ messages: [user, assistant] }, 1)).toBeUndefined();
    expect(judge({ prompt: 'a', completion: 'b' }, 2)).toBe("the examples before have 'messages', this one has 'prompt'");
  });
});

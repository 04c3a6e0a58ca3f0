import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { choices, jsonObject, printSpaced, trickyText } from '../../../../test/support/json-arbitraries.js';
import { editReply } from './reply-edit.js';

function edited(text: string, name = 'assistant') {
  const reply = editReply(Buffer.from(text), name, 'choices');
  if (!reply.ok) throw new Error(reply.message);
  return { text: reply.bytes.toString(), usage: reply.usage };
}

describe('editReply', () => {
  it('puts the published name in place of the provider model and changes nothing else', () => {
    const text = '{"id":"x", "model" : "gpt-4o-2024" , "choices":[{"message":{"content":"\\"model\\":\\"gpt-4o-2024\\""}}]}';
    expect(edited(text).text).toBe(text.replace('"gpt-4o-2024"', '"assistant"'));
    fc.assert(
      fc.property(jsonObject(['model', 'usage']), trickyText, choices, (given, name, draws) => {
        const object: Record<string, unknown> = { ...given, choices: [{ index: 0 }] };
        const expected = typeof object.model === 'string' ? { ...object, model: name } : object;
        expect(JSON.parse(edited(printSpaced(object, draws), name).text)).toEqual(expected);
      }),
    );
  });

  it('leaves no provider name behind when a reply repeats or escapes its model', () => {
    expect(edited('{"model":"secret","choices":[1],"mod\\u0065l":"secret"}').text).toBe('{"model":"assistant","choices":[1]}');
  });

  it('returns the usage object, and null where there is none', () => {
    expect(edited('{"model":"m","choices":[1],"usage":{"prompt_tokens":1}}').usage).toEqual({ prompt_tokens: 1 });
    expect(edited('{"model":"m","choices":[1],"usage":null}').usage).toBeNull();
    expect(edited('{"model":"m","choices":[1],"usage":{"prompt_tokens":1,}}').usage).toBeNull();
    expect(edited('{"choices":[{"usage":{"prompt_tokens":1}}]}').usage).toBeNull();
  });

  it('hands the bytes on when there is no model, past a byte order mark', () => {
    expect(edited('\ufeff{"choices":[{}]}').text).toBe('{"choices":[{}]}');
    expect(edited('{"model":null,"choices":[{}]}').text).toBe('{"model":null,"choices":[{}]}');
  });

  it.each([
    '{"hello":"world"}',
    '{"choices":null}',
    '{"choices":[ ]}',
    '{"choices":{}}',
    '{"choices":[{}],"error":{"message":"m"}}',
    '{"choices":[{}],"error":"m"}',
    '{"choices":[{}],"object":"error"}',
    '{"choices":[{"finish_reason":"error"}]}',
    '{"choices":[{"error":{"message":"m"}}]}',
  ])('is a fault for %s, which is no answer', (text) => {
    expect(editReply(Buffer.from(text), 'a', 'choices').ok).toBe(false);
  });

  it.each([
    '{"choices":[{"message":{"content":"an \\"error\\": none"}}],"error":null}',
    '{"choices":[{"message":{"content":"error"},"error":null}],"error":""}',
    '{"choices":[{"error":{}}],"error":{ }}',
    '{"choices":[{"message":{"error":"error","finish_reason":"error"}}],"object":"chat.completion"}',
  ])('is none for %s', (text) => {
    expect(editReply(Buffer.from(text), 'a', 'choices').ok).toBe(true);
  });

  it.each(['', '<html>bad gateway</html>', '[]', '{"model":"m"', 'null'])('is a fault for %j', (text) => {
    expect(editReply(Buffer.from(text), 'a', 'choices').ok).toBe(false);
  });
});

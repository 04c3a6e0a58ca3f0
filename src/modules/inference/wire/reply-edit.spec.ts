import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { choices, jsonObject, printSpaced, trickyText } from '../../../../test/support/json-arbitraries.js';
import { editReply } from './reply-edit.js';

function edited(text: string, name = 'assistant') {
  const reply = editReply(Buffer.from(text), name);
  if (!reply.ok) throw new Error(reply.message);
  return { text: reply.bytes.toString(), usage: reply.usage };
}

describe('editReply', () => {
  it('puts the published name in place of the provider model and changes nothing else', () => {
    const text = '{"id":"x", "model" : "gpt-4o-2024" , "choices":[{"message":{"content":"\\"model\\":\\"gpt-4o-2024\\""}}]}';
    expect(edited(text).text).toBe(text.replace('"gpt-4o-2024"', '"assistant"'));
    fc.assert(
      fc.property(jsonObject(['model', 'usage']), trickyText, choices, (object, name, draws) => {
        const expected = typeof object.model === 'string' ? { ...object, model: name } : object;
        expect(JSON.parse(edited(printSpaced(object, draws), name).text)).toEqual(expected);
      }),
    );
  });

  it('leaves no provider name behind when a reply repeats or escapes its model', () => {
    expect(edited('{"model":"secret","id":1,"mod\\u0065l":"secret"}').text).toBe('{"model":"assistant","id":1}');
  });

  it('returns the usage object, and null where there is none', () => {
    expect(edited('{"model":"m","usage":{"prompt_tokens":1}}').usage).toEqual({ prompt_tokens: 1 });
    expect(edited('{"model":"m","usage":null}').usage).toBeNull();
    expect(edited('{"model":"m","usage":{"prompt_tokens":1,}}').usage).toBeNull();
    expect(edited('{"choices":[{"usage":{"prompt_tokens":1}}]}').usage).toBeNull();
  });

  it('hands the bytes on when there is no model, past a byte order mark', () => {
    expect(edited('\ufeff{"text":"hello"}').text).toBe('{"text":"hello"}');
    expect(edited('{"model":null}').text).toBe('{"model":null}');
  });

  it.each(['', '<html>bad gateway</html>', '[]', '{"model":"m"', 'null'])('is a fault for %j', (text) => {
    expect(editReply(Buffer.from(text), 'a').ok).toBe(false);
  });
});

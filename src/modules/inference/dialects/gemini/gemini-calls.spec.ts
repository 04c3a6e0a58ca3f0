import { describe, expect, it } from '@jest/globals';
import { askedOf, hello, refusalOf } from '../../../../../test/support/gemini-request.js';
import type { Fields } from '../../../../kernel/fields.js';
import { printExact } from '../../wire/exact-json.js';
import { skipValidator } from './thought-signatures.js';

const contentsOf = (messages: readonly Fields[], members: Fields = {}) => askedOf({ messages, ...members }).body['contents'];
const call = (id: string, further: Fields = {}) => ({
  id,
  type: 'function',
  function: { name: 'f', arguments: '{"a":1.0}' },
  ...further,
});
const signed = (signature: string) => ({ extra_content: { google: { thought_signature: signature } } });
const result = (id: string, content: unknown = 'done') => ({ role: 'tool', tool_call_id: id, content });

describe('calls and results', () => {
  it('go by id and name, the arguments with their numbers as they were written', () => {
    const { body } = askedOf({ messages: [...hello, { role: 'assistant', tool_calls: [call('a', signed('s'))] }, result('a')] });
    expect(printExact(body['contents'])).toBe(
      '[{"role":"user","parts":[{"text":"Hello"}]},' +
        '{"role":"model","parts":[{"functionCall":{"id":"a","name":"f","args":{"a":1.0}},"thoughtSignature":"s"}]},' +
        '{"role":"user","parts":[{"functionResponse":{"id":"a","name":"f","response":{"output":"done"}}}]}]',
    );
  });

  it('have the images of a result inside it from Gemini 3 on, and behind it before', () => {
    const content = [
      { type: 'text', text: 'see' },
      { type: 'image_url', image_url: { url: 'data:image/png;base64,AA==' } },
    ];
    const messages = [...hello, { role: 'assistant', tool_calls: [call('a')] }, result('a', content)];
    const data = { inlineData: { mimeType: 'image/png', data: 'AA==' } };
    const response = { id: 'a', name: 'f', response: { output: 'see' } };
    expect(contentsOf(messages)).toMatchObject([{}, {}, { parts: [{ functionResponse: { ...response, parts: [data] } }] }]);
    expect(contentsOf(messages, { model: 'gemini-2.5-flash' })).toMatchObject([
      {},
      {},
      { parts: [{ functionResponse: response }, data] },
    ]);
  });

  it('are refused where no call has the id of a result, or a result is an address', () => {
    expect(refusalOf({ messages: [...hello, result('x')] })).toEqual(['invalid_value', 'messages']);
    const content = [{ type: 'image_url', image_url: { url: 'https://images.example/a.png' } }];
    expect(refusalOf({ messages: [...hello, { role: 'assistant', tool_calls: [call('a')] }, result('a', content)] })).toEqual([
      'unsupported_parameter',
      'messages[2].content[0].image_url.url',
    ]);
  });

  it('are refused where their arguments are no object, or nest without end', () => {
    for (const text of ['[1]', 'no JSON', `{"a":${'['.repeat(90_000)}${']'.repeat(90_000)}}`]) {
      const told = { id: 'a', type: 'function', function: { name: 'f', arguments: text } };
      expect(refusalOf({ messages: [...hello, { role: 'assistant', tool_calls: [told] }] })).toEqual([
        'invalid_value',
        'messages[1].tool_calls[0].function.arguments',
      ]);
    }
  });
});

describe('signatures', () => {
  const signaturesOf = (messages: readonly Fields[], members: Fields = {}, kept: Fields = {}) => {
    const { body } = askedOf({ messages: [...hello, ...messages], ...members }, { kept: (id) => kept[id] as Fields | undefined });
    const contents = body['contents'] as readonly { parts: readonly Fields[] }[];
    return contents.flatMap(({ parts }) => parts.map(({ thoughtSignature }) => thoughtSignature));
  };

  it('come from the call, or from what was kept of it', () => {
    const messages = [{ role: 'assistant', tool_calls: [call('a', signed('mine')), call('b')] }, result('a'), result('b')];
    expect(signaturesOf(messages, {}, { a: signed('kept'), b: signed('kept') }).slice(1, 3)).toEqual(['mine', 'kept']);
  });

  it('are needed by the first of several calls: where it has none, the check is skipped', () => {
    const results = [result('a'), result('b')];
    const first = [{ role: 'assistant', tool_calls: [call('a', signed('s')), call('b')] }, ...results];
    expect(signaturesOf(first).slice(1, 3)).toEqual(['s', undefined]);
    const none = [{ role: 'assistant', tool_calls: [call('a'), call('b')] }, ...results];
    expect(signaturesOf(none).slice(1, 3)).toEqual([skipValidator, skipValidator]);
    expect(signaturesOf(none, { model: 'gemini-2.5-pro' }).slice(1, 3)).toEqual([undefined, undefined]);
  });

  it('are needed in each message again', () => {
    const round = (id: string, further: Fields) => [{ role: 'assistant', tool_calls: [call(id, further)] }, result(id)];
    expect(signaturesOf([...round('a', signed('s')), ...round('b', {})])).toEqual([
      undefined,
      's',
      undefined,
      skipValidator,
      undefined,
    ]);
  });

  it('of a message stand on its last text', () => {
    const content = [
      { type: 'text', text: 'one' },
      { type: 'text', text: 'two' },
    ];
    const messages = [{ role: 'assistant', content, ...signed('s') }, { role: 'assistant', content: 'three' }, ...hello];
    expect(signaturesOf(messages)).toEqual([undefined, undefined, 's', undefined, undefined]);
  });
});

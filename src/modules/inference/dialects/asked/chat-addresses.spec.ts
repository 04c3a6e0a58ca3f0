import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Fields } from '../../../../kernel/fields.js';
import { geminiChat } from '../gemini/gemini-dialect.js';
import { sdkDialects } from '../sdk/sdk-dialects.js';
import { addressesOf, withContents } from './chat-addresses.js';

const image = (url: string): Fields => ({ type: 'image_url', image_url: { url, detail: 'high' } });
const file = (url: string): Fields => ({ type: 'file', file: { file_url: url, filename: 'a.pdf' } });
const said = (role: string, ...content: Fields[]): Fields => ({ role, content });
const data = 'data:image/png;base64,AA==';

describe('the addresses of a chat', () => {
  it('are those in what users and tools say, with their places', () => {
    const messages = [
      said('system', image('https://a.example/0')),
      said('user', { type: 'text', text: 'https://a.example/1' }, image('https://a.example/2'), image(data)),
      said('assistant', image('https://a.example/3')),
      said('tool', file('HTTP://a.example/4')),
      said('user', { type: 'image_url', image_url: 'https://a.example/5' }),
      { role: 'user', content: 'https://a.example/6' },
    ];
    expect(addressesOf({ messages }).map(({ url, of, inResult, isNew, place }) => [url, of, inResult, isNew, place])).toEqual([
      ['https://a.example/2', 'image', false, false, 'messages[1].content[1].image_url.url'],
      ['HTTP://a.example/4', 'file', true, true, 'messages[3].content[0].file.file_url'],
      ['https://a.example/5', 'image', false, true, 'messages[4].content[0].image_url.url'],
    ]);
    expect(addressesOf({ messages: 'none' })).toEqual([]);
  });

  it('are replaced by contents alone, whatever else the chat says', () => {
    const part = fc.oneof(
      fc.webUrl({ validSchemes: ['https'] }).map(image),
      fc.webUrl({ validSchemes: ['http'] }).map(file),
      fc.string().map((text) => ({ type: 'text', text })),
    );
    const message = fc.record({ role: fc.constantFrom('user', 'tool', 'assistant'), content: fc.array(part) });
    fc.assert(
      fc.property(fc.array(message), (messages) => {
        const chat = { model: 'm', messages };
        const addresses = addressesOf(chat);
        const filled = withContents(
          chat,
          addresses,
          addresses.map((_address, at) => `data:${at}`),
        );
        expect(addressesOf(filled)).toEqual([]);
        let at = 0;
        const expected = messages.map(({ role, content }) => ({
          role,
          content: content.map((one: Fields) => {
            if (role === 'assistant' || one['type'] === 'text') return one;
            const url = `data:${at++}`;
            return one['type'] === 'file' ? { type: 'file', file: { filename: 'a.pdf', file_data: url } } : image(url);
          }),
        }));
        expect(filled).toEqual({ model: 'm', messages: expected });
        expect(chat.messages).toEqual(messages);
      }),
    );
  });

  it('are replaced by a word where their content is gone', () => {
    const chat = { messages: [said('user', image('https://a.example/1'))] };
    const gone = { type: 'text', text: '[A file that is no longer available.]' };
    expect(withContents(chat, addressesOf(chat), [undefined])).toEqual({ messages: [said('user', gone)] });
  });
});

describe('what may stand in the place of an address', () => {
  const typesOver = (typesFor: typeof geminiChat.typesFor, role: string, part: Fields, model: string): unknown => {
    const [address] = addressesOf({ messages: [said(role, part)] });
    const types = address === undefined ? undefined : typesFor?.(address, model);
    return types === undefined ? undefined : [...types].sort();
  };
  const images = ['image/gif', 'image/jpeg', 'image/png', 'image/webp'];

  it.each([
    ['user', image('https://a.example/a.png'), 'gemini-2.5-flash', undefined],
    ['user', image('https://generativelanguage.googleapis.com/v1beta/files/a'), 'gemini-2.0-flash', undefined],
    ['user', image('https://a.example/a.png'), 'gemini-2.0-flash', images.slice(1)],
    ['user', image('https://a.example/a'), 'gemini-3-pro', images.slice(1)],
    ['user', file('http://a.example/a.pdf'), 'gemini-3-pro', ['application/pdf']],
    ['tool', image('https://a.example/a.png'), 'gemini-3-pro', images.slice(1)],
  ])('for Gemini: of a %s %j to %s', (role, part, model, types) => {
    expect(typesOver((...asked) => geminiChat.typesFor?.(...asked), role, part, model)).toEqual(types);
  });

  it.each([
    ['sdk:mistral', 'user', image('https://a.example/a'), images],
    ['sdk:bedrock', 'user', file('https://a.example/a'), ['application/pdf']],
    ['sdk:cohere', 'user', file('https://a.example/a'), undefined],
    ['sdk:mistral', 'tool', image('https://a.example/a'), undefined],
  ])('for %s: of a %s %j', (wire, role, part, types) => {
    expect(typesOver((...asked) => sdkDialects[wire]?.chat.typesFor?.(...asked), role, part, 'm')).toEqual(types);
  });
});

import { describe, expect, it } from '@jest/globals';
import { askedOf, hello, refusalOf } from '../../../../../test/support/gemini-request.js';
import type { Fields } from '../../../../kernel/fields.js';

const contentsOf = (messages: readonly Fields[], members: Fields = {}) => askedOf({ messages, ...members }).body['contents'];

describe('what is said', () => {
  it('tells instructions at the front, wherever they stood, and turns of one side as one', () => {
    const { body } = askedOf({
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'One' },
        { role: 'user', content: [{ type: 'text', text: 'Two' }] },
        { role: 'assistant', content: 'Three' },
        { role: 'developer', content: 'Be briefer.' },
        { role: 'user', content: 'Four' },
      ],
    });
    expect(body).toEqual({
      systemInstruction: { parts: [{ text: 'Be brief.' }, { text: 'Be briefer.' }] },
      contents: [
        { role: 'user', parts: [{ text: 'One' }, { text: 'Two' }] },
        { role: 'model', parts: [{ text: 'Three' }] },
        { role: 'user', parts: [{ text: 'Four' }] },
      ],
    });
  });

  it('lets the user say the instructions where nobody else speaks, and for a Gemma', () => {
    const system = { role: 'system', content: 'Be brief.' };
    expect(askedOf({ messages: [system] }).body).toEqual({ contents: [{ role: 'user', parts: [{ text: 'Be brief.' }] }] });
    expect(askedOf({ messages: [system, ...hello], model: 'gemma-3-27b-it' }).body).toEqual({
      contents: [{ role: 'user', parts: [{ text: 'Be brief.' }, { text: 'Hello' }] }],
    });
  });

  it('lets the user be silent before a model that speaks first, and hears a model that said nothing as one that was not there', () => {
    const silence = { role: 'user', parts: [{ text: ' ' }] };
    expect(contentsOf([{ role: 'assistant', content: 'Hi' }, ...hello])).toEqual([
      silence,
      { role: 'model', parts: [{ text: 'Hi' }] },
      { role: 'user', parts: [{ text: 'Hello' }] },
    ]);
    expect(contentsOf([...hello, { role: 'assistant', content: '' }, ...hello])).toEqual([
      { role: 'user', parts: [{ text: 'Hello' }, { text: 'Hello' }] },
    ]);
  });

  it('sends images, PDFs, texts and sound as data', () => {
    const content = [
      { type: 'image_url', image_url: { url: 'data:image/PNG;base64,AA==', detail: 'low' } },
      { type: 'file', file: { file_data: 'data:application/pdf;base64,AB==', filename: 'a.pdf' } },
      { type: 'file', file: { file_data: 'data:text/plain;charset=utf-8;base64,AC==' } },
      { type: 'input_audio', input_audio: { data: 'AD==', format: 'mp3' } },
    ];
    expect(contentsOf([{ role: 'user', content }])).toEqual([
      {
        role: 'user',
        parts: [
          { inlineData: { mimeType: 'image/png', data: 'AA==' } },
          { inlineData: { mimeType: 'application/pdf', data: 'AB==' } },
          { inlineData: { mimeType: 'text/plain', data: 'AC==' } },
          { inlineData: { mimeType: 'audio/mp3', data: 'AD==' } },
        ],
      },
    ]);
  });

  it.each([
    ['https://images.example/a.PNG?sig=1', { mimeType: 'image/png', fileUri: 'https://images.example/a.PNG?sig=1' }],
    [
      'https://generativelanguage.googleapis.com/v1beta/files/abc',
      { fileUri: 'https://generativelanguage.googleapis.com/v1beta/files/abc' },
    ],
    ['https://www.youtube.com/watch?v=abc', { fileUri: 'https://www.youtube.com/watch?v=abc' }],
  ])('has Gemini fetch %s', (url, fileData) =>
    expect(contentsOf([{ role: 'user', content: [{ type: 'image_url', image_url: { url } }] }])).toEqual([
      { role: 'user', parts: [{ fileData }] },
    ]),
  );

  it.each([
    ['http://images.example/a.png', {}],
    ['https://images.example/a', {}],
    ['https://images.example/a.exe', {}],
    ['https://images.example/a.png', { model: 'gemini-2.0-flash' }],
    ['https://', {}],
  ])('refuses %s with %j at its place, which Gemini would not fetch', (url, members) =>
    expect(refusalOf({ messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url } }] }], ...members })).toEqual(
      ['unsupported_parameter', 'messages[0].content[0].image_url.url'],
    ),
  );
});

import { describe, expect, it } from '@jest/globals';
import { refusal, taken, tools, weather } from '../../../../../test/support/anthropic-request.js';

describe('the messages of a request', () => {
  it('puts instructions in front, wherever they stood', () => {
    const messages = [
      { role: 'system', content: 'Rhyme.' },
      { role: 'user', content: 'One?' },
      { role: 'developer', content: [{ type: 'text', text: 'Be short.' }] },
      { role: 'user', content: 'Two?' },
    ];
    expect(taken({ messages })).toMatchObject({
      system: [
        { type: 'text', text: 'Rhyme.' },
        { type: 'text', text: 'Be short.' },
      ],
      messages: [{ role: 'user', content: [{ text: 'One?' }, { text: 'Two?' }] }],
    });
  });

  it('has the user begin, also where nobody or the model does', () => {
    expect(taken({ messages: [{ role: 'system', content: 'Rhyme.' }] })['messages']).toHaveLength(1);
    expect(taken({ messages: [{ role: 'assistant', content: 'Hi! ' }] })['messages']).toMatchObject([
      { role: 'user' },
      { role: 'assistant', content: [{ text: 'Hi!' }] },
    ]);
  });

  it('leaves blank texts out, and joins what then stands side by side', () => {
    const messages = [
      { role: 'user', content: 'One?' },
      { role: 'assistant', content: ' \n' },
      {
        role: 'user',
        content: [
          { type: 'text', text: '' },
          { type: 'text', text: 'Two?' },
        ],
      },
    ];
    expect(taken({ messages })['messages']).toEqual([
      {
        role: 'user',
        content: [
          { type: 'text', text: 'One?' },
          { type: 'text', text: 'Two?' },
        ],
      },
    ]);
  });

  it('says images, PDFs and texts as blocks', () => {
    const content = [
      { type: 'image_url', image_url: { url: 'data:image/png;base64,aGk=', detail: 'low' } },
      { type: 'image_url', image_url: { url: 'https://images.example/a.png' } },
      { type: 'file', file: { file_data: 'data:application/pdf;base64,JVBERg==', filename: 'a.pdf' } },
      { type: 'file', file: { file_data: 'data:text/csv;base64,w7wsMQ==', filename: 'a.csv' } },
      { type: 'file', file: { file_url: 'https://files.example/b.pdf' } },
    ];
    expect(taken({ messages: [{ role: 'user', content }] })['messages']).toEqual([
      {
        role: 'user',
        content: [
          { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'aGk=' } },
          { type: 'image', source: { type: 'url', url: 'https://images.example/a.png' } },
          { type: 'document', source: { type: 'base64', media_type: 'application/pdf', data: 'JVBERg==' }, title: 'a.pdf' },
          { type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'ü,1' }, title: 'a.csv' },
          { type: 'document', source: { type: 'url', url: 'https://files.example/b.pdf' } },
        ],
      },
    ]);
  });

  it.each([
    ['a sound', { type: 'input_audio', input_audio: { data: 'aGk=', format: 'wav' } }],
    ['an image of another type', { type: 'image_url', image_url: { url: 'data:image/tiff;base64,aGk=' } }],
    ['a file of another type', { type: 'file', file: { file_data: 'data:application/zip;base64,aGk=' } }],
  ])('refuses %s', (_what, part) => {
    const messages = [{ role: 'user', content: [{ type: 'text', text: 'See:' }, part] }];
    expect(refusal({ messages })).toMatchObject({ status: 400, code: 'unsupported_parameter' });
    expect(refusal({ messages })).toMatchObject({ param: expect.stringContaining('messages[0].content[1]') as unknown });
  });

  it.each([
    ['auto', true, { type: 'auto' }],
    ['auto', false, { type: 'auto', disable_parallel_tool_use: true }],
    ['required', true, { type: 'any' }],
    ['none', false, { type: 'none' }],
    [
      { type: 'function', function: { name: 'weather' } },
      false,
      { type: 'tool', name: 'weather', disable_parallel_tool_use: true },
    ],
  ])('offers tools, and which of them to call: %j, parallel %s', (choice, parallel, said) => {
    expect(taken({ tools, tool_choice: choice, parallel_tool_calls: parallel })).toMatchObject({
      tools: [{ name: 'weather', input_schema: weather.parameters }],
      tool_choice: said,
    });
  });
});

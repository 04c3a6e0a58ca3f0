import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { choices, escapeAll, jsonValue, printSpaced } from '../../../../test/support/json-arbitraries.js';
import { foreignIdNames, listForeignIds, mayHoldForeignIds } from './foreign-ids.js';
import { readBody } from './json-body.js';

function mayHold(text: string): boolean {
  return mayHoldForeignIds(readBody(Buffer.from(text), { watch: foreignIdNames }).scan);
}

describe('listForeignIds', () => {
  it('finds the files of chat and responses bodies with the path that clients know', () => {
    const chat = {
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'file_id' },
            { type: 'file', file: { file_id: 'file-a' } },
          ],
        },
      ],
    };
    expect(listForeignIds(chat)).toEqual([{ kind: 'file', id: 'file-a', param: 'messages[0].content[1].file.file_id' }]);
    const responses = {
      input: [
        {
          role: 'user',
          content: [
            { type: 'input_image', file_id: 'assistant-b' },
            { type: 'input_file', file_id: ' file-c\n' },
          ],
        },
      ],
    };
    expect(listForeignIds(responses)).toEqual([
      { kind: 'file', id: 'assistant-b', param: 'input[0].content[0].file_id' },
      { kind: 'file', id: 'file-c', param: 'input[0].content[1].file_id' },
    ]);
  });

  it('finds every other kind of id', () => {
    const body = {
      previous_response_id: 'resp_1',
      conversation: { id: 'conv_1' },
      prompt: { id: 'pmpt_1', variables: { doc: { type: 'input_file', file_id: 'file-p' } } },
      tools: [
        { type: 'file_search', vector_store_ids: ['vs_1', 'vs_2'] },
        { type: 'code_interpreter', container: 'cntr_1' },
        { type: 'code_interpreter', container: { type: 'auto', file_ids: ['file-x'] } },
      ],
      input: [{ type: 'item_reference', id: 'msg_1' }],
    };
    expect(listForeignIds(body)).toEqual([
      { kind: 'response', id: 'resp_1', param: 'previous_response_id' },
      { kind: 'conversation', id: 'conv_1', param: 'conversation.id' },
      { kind: 'prompt', id: 'pmpt_1', param: 'prompt.id' },
      { kind: 'file', id: 'file-p', param: 'prompt.variables.doc.file_id' },
      { kind: 'vector_store', id: 'vs_1', param: 'tools[0].vector_store_ids[0]' },
      { kind: 'vector_store', id: 'vs_2', param: 'tools[0].vector_store_ids[1]' },
      { kind: 'container', id: 'cntr_1', param: 'tools[1].container' },
      { kind: 'file', id: 'file-x', param: 'tools[2].container.file_ids[0]' },
      { kind: 'item', id: 'msg_1', param: 'input[0].id' },
    ]);
    expect(listForeignIds({ conversation: 'conv_2', container: { id: 'cntr_2' } }).map(({ id }) => id)).toEqual([
      'conv_2',
      'cntr_2',
    ]);
  });

  it('leaves free data, schemas, nulls and plain text alone', () => {
    const body = {
      prompt: 'Once upon a time',
      previous_response_id: null,
      conversation: null,
      metadata: { file_id: 'file-mine', conversation: 'conv_x' },
      tools: [
        {
          type: 'function',
          function: { name: 'f', parameters: { properties: { file_id: { type: 'string' } }, default: { file_id: 'file-d' } } },
        },
      ],
      response_format: { type: 'json_schema', json_schema: { schema: { file_id: 'string' } } },
      messages: [{ role: 'user', content: 'my file_id is "file-1"', file_id: 'the id of the file', conversation: 'no id here' }],
    };
    expect(listForeignIds(body)).toEqual([]);
  });

  it('stops at a depth that no body may have', () => {
    let deep: unknown = 'file-x';
    for (let level = 0; level < 5000; level++) deep = [deep];
    expect(() => listForeignIds({ deep })).toThrow(expect.objectContaining({ code: 'invalid_request' }));
  });
});

describe('mayHoldForeignIds', () => {
  it('is no for usual bodies and for names inside of text', () => {
    expect(
      mayHold('{"model":"a","messages":[{"role":"user","content":"what is \\"file_id\\": \\"file-a\\"?"}],"prompt":"x"}'),
    ).toBe(false);
    expect(
      mayHold(
        '{"model":"a","input":"caf\\u00e9 \\u4f60\\u597d \\u003cb\\u003e","conversation":null,"previous_response_id":null}',
      ),
    ).toBe(false);
    expect(mayHold('{"messages":[{"content":"caf\\u00e9 \\u4f60\\u597d \\u003cb\\u003e"}]}')).toBe(false);
  });

  it('sees a name through escapes and blanks', () => {
    expect(mayHold('{"messages":[{"file\\u005fid" : "file-a"}]}')).toBe(true);
    expect(mayHold(`{"messages":[{"${escapeAll('vector_store_ids')}":["vs_1"]}]}`)).toBe(true);
    expect(
      mayHold(`{"input":[{"type":"${escapeAll('item_reference').toUpperCase().replaceAll('\\U', '\\u')}","id":"msg_1"}]}`),
    ).toBe(true);
    expect(mayHold('{"previous_respons\\u0065_id":"resp_1"}')).toBe(true);
    expect(mayHold('{"b":{"\\\\\\u0066ile_id":1}}')).toBe(true);
    expect(mayHold('{"b":{"\\\\u0066ile_id":1}}')).toBe(false);
  });

  it('never says no where an id is listed', () => {
    const names = [
      'file_id',
      'file_ids',
      'vector_store_ids',
      'container',
      'type',
      'id',
      'conversation',
      'prompt',
      'previous_response_id',
      'tools',
      'input',
    ];
    const text = fc.constantFrom('file-a', 'item_reference', 'x', '');
    const body = fc.letrec<{ value: unknown; object: Record<string, unknown> }>((tie) => ({
      value: fc.oneof({ depthSize: 'small' }, text, jsonValue, fc.array(tie('value'), { maxLength: 3 }), tie('object')),
      object: fc.dictionary(fc.constantFrom(...names), tie('value'), { maxKeys: 4, noNullPrototype: true }),
    })).object;
    let listed = 0;
    fc.assert(
      fc.property(body, choices, fc.boolean(), (object, draws, escape) => {
        const printed = printSpaced(object, draws);
        const source = escape
          ? printed.replace(/"(file_id|container|vector_store_ids)"/g, (_, name: string) => `"${escapeAll(name)}"`)
          : printed;
        if (listForeignIds(object).length === 0) return;
        listed++;
        expect(mayHold(source)).toBe(true);
      }),
      { numRuns: 1000 },
    );
    expect(listed).toBeGreaterThan(50);
  });
});

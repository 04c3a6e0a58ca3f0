import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { choices, escapeAll, jsonValue, printSpaced } from '../../../../test/support/json-arbitraries.js';
import { foreignIdNames, listForeignIds, mayHoldForeignIds, refuseForeignIds, type ForeignId } from './foreign-ids.js';
import { readBody } from './json-body.js';

function mayHold(text: string): boolean {
  return mayHoldForeignIds(readBody(Buffer.from(text), { watch: foreignIdNames }).scan);
}

/** The ids of a body that is printed like this, or of this object. */
function listed(body: string | object): ForeignId[] {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return listForeignIds(readBody(Buffer.from(text), { watch: foreignIdNames }));
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
    expect(listed(chat)).toEqual([{ kind: 'file', id: 'file-a', param: 'messages[0].content[1].file.file_id' }]);
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
    expect(listed(responses)).toEqual([
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
    expect(listed(body)).toEqual([
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
    expect(listed({ conversation: 'conv_2', container: { id: 'cntr_2' } }).map(({ id }) => id)).toEqual(['conv_2', 'cntr_2']);
  });

  it('finds ids in what is given again: outputs of tools, calls, environments, masks', () => {
    const body = {
      input: [
        { type: 'function_call_output', call_id: 'c', output: [{ type: 'input_file', file_id: 'file-o' }] },
        { type: 'computer_call_output', call_id: 'c', output: { type: 'computer_screenshot', file_id: 'file-s' } },
        { type: 'code_interpreter_call', id: 'ci_1', code: 'x', container_id: 'cntr_c', outputs: [] },
        { id: 'msg_r', type: 'item_reference' },
      ],
      tools: [
        { type: 'shell', environment: { type: 'container_reference', container_id: 'cntr_e' } },
        { type: 'image_generation', input_image_mask: { file_id: 'file-m' } },
      ],
    };
    expect(listed(body).map(({ id, param }) => [id, param])).toEqual([
      ['file-o', 'input[0].output[0].file_id'],
      ['file-s', 'input[1].output.file_id'],
      ['cntr_c', 'input[2].container_id'],
      ['msg_r', 'input[3].id'],
      ['cntr_e', 'tools[0].environment.container_id'],
      ['file-m', 'tools[1].input_image_mask.file_id'],
    ]);
  });

  it('finds ids in tools that items bring, and in those of a namespace', () => {
    const body = {
      tools: [{ type: 'namespace', name: 'n', tools: [{ type: 'code_interpreter', container: 'cntr_n' }] }],
      input: [
        { type: 'additional_tools', role: 'developer', tools: [{ type: 'file_search', vector_store_ids: ['vs_1'] }] },
        {
          type: 'tool_search_output',
          call_id: 'c',
          tools: [
            { type: 'function', name: 'f', parameters: { default: { container: 'cntr_x' } } },
            { type: 'code_interpreter', container: { type: 'auto', file_ids: ['file-t'] } },
            { type: 'shell', environment: { type: 'container_reference', container_id: 'cntr_t' } },
            { type: 'image_generation', input_image_mask: { file_id: 'file-m' } },
          ],
        },
        { type: 'shell_call', call_id: 'c', action: {}, environment: { type: 'container_reference', container_id: 'cntr_s' } },
      ],
    };
    expect(listed(body).map(({ id, param }) => [id, param])).toEqual([
      ['cntr_n', 'tools[0].tools[0].container'],
      ['vs_1', 'input[0].tools[0].vector_store_ids[0]'],
      ['file-t', 'input[1].tools[1].container.file_ids[0]'],
      ['cntr_t', 'input[1].tools[2].environment.container_id'],
      ['file-m', 'input[1].tools[3].input_image_mask.file_id'],
      ['cntr_s', 'input[2].environment.container_id'],
    ]);
  });

  it('finds ids in citations and results that are given again, in skills, and in tools however deep', () => {
    const citation = { type: 'container_file_citation', container_id: 'cntr_1', file_id: 'cfile_1' };
    const text = { type: 'output_text', text: 'x', annotations: [{ type: 'url_citation', url: 'file_id' }, citation] };
    const shell = {
      type: 'shell',
      environment: { type: 'container_auto', skills: [{ type: 'skill_reference', skill_id: 's_1' }] },
    };
    const deep = { type: 'namespace', tools: [{ type: 'namespace', tools: [{ type: 'namespace', tools: [shell] }] }] };
    const body = {
      input: [
        { role: 'assistant', content: [text] },
        { type: 'multi_agent_call_output', output: [text] },
        { type: 'file_search_call', queries: [], results: [{ file_id: 'file-r', text: 'x' }] },
        { type: 'additional_tools', tools: [deep] },
      ],
      messages: [{ role: 'assistant', content: [text] }],
      tools: [shell, { type: 'code_interpreter', container: { type: 'auto', skills: [{ skill_id: 's_2' }] } }],
    };
    expect(listed(body).map(({ kind, id, param }) => [kind, id, param])).toEqual([
      ['container', 'cntr_1', 'input[0].content[0].annotations[1].container_id'],
      ['file', 'cfile_1', 'input[0].content[0].annotations[1].file_id'],
      ['container', 'cntr_1', 'input[1].output[0].annotations[1].container_id'],
      ['file', 'cfile_1', 'input[1].output[0].annotations[1].file_id'],
      ['file', 'file-r', 'input[2].results[0].file_id'],
      ['skill', 's_1', 'input[3].tools[0].tools[0].tools[0].tools[0].environment.skills[0].skill_id'],
      ['container', 'cntr_1', 'messages[0].content[0].annotations[1].container_id'],
      ['file', 'cfile_1', 'messages[0].content[0].annotations[1].file_id'],
      ['skill', 's_1', 'tools[0].environment.skills[0].skill_id'],
      ['skill', 's_2', 'tools[1].container.skills[0].skill_id'],
    ]);
  });

  it('walks tools as deep as a body may nest', () => {
    const tools = (count: number, inner: string): string => `[{"tools":`.repeat(count) + inner + '}]'.repeat(count);
    const text = `{"tools":${tools(120, '[{"container":"cntr_1"}]')}}`;
    expect(listed(text)).toEqual([{ kind: 'container', id: 'cntr_1', param: `tools${'[0].tools'.repeat(120)}[0].container` }]);
  });

  const id = { file_id: 'file-1', container: 'cntr_1', vector_store_ids: ['vs_1'], file_ids: ['file-2'], skill_id: 's_1' };
  it.each<[string, object]>([
    ['nulls and plain text', { prompt: 'Once upon a time', previous_response_id: null, conversation: null }],
    ['metadata', { metadata: id }],
    ['the parameters of a tool', { tools: [{ type: 'function', function: { name: 'f', parameters: { properties: id } } }] }],
    ['the parameters of a flat tool', { tools: [{ type: 'function', name: 'f', parameters: { default: id, examples: [id] } }] }],
    ['a schema', { response_format: { type: 'json_schema', json_schema: { name: 's', schema: { example: id } } } }],
    ['the schema of a text', { text: { format: { type: 'json_schema', schema: { enum: [id] } } } }],
    ['a text', { messages: [{ role: 'user', content: '{"file_id":"file-1"} item_reference' }] }],
    [
      'a part that is a text',
      {
        messages: [
          {
            role: 'user',
            content: [
              { type: 'text', text: 'file_id' },
              { type: 'json', json: id },
            ],
          },
        ],
      },
    ],
    [
      'arguments of a call',
      { messages: [{ role: 'assistant', tool_calls: [{ id: 'c', function: { name: 'f', arguments: id } }] }] },
    ],
    ['a prediction and options of a provider', { prediction: { content: id }, provider_options: { example: id } }],
    ['a long or spaced text', { file_id: 'the id of a file', container: 'x'.repeat(257) }],
    ['an item that refers to nothing', { input: [{ id: 'msg_1', type: 'message', role: 'user', content: 'item_reference' }] }],
  ])('finds none in %s', (_where, body) => {
    expect(listed(body)).toEqual([]);
  });

  it('finds both of a name that stands twice, and the type of an item wherever it stands', () => {
    const text =
      '{"messages":[{"content":[{"file":{"file_id":"file-a","file\\u005fid":"file-b"}}]}],"input":[{"id":"m","type":"x","type":"item_reference"}]}';
    expect(listed(text).map(({ id: found }) => found)).toEqual(['file-a', 'file-b', 'm']);
  });

  it('finds the same however the body is printed, whatever stands around', () => {
    const planted = fc.constantFrom<[string, object]>(
      ['messages', [{ role: 'user', content: [{ type: 'file', file: { file_id: 'file-a' } }] }]],
      ['tools', [{ type: 'code_interpreter', container: { type: 'auto', file_ids: ['file-a'] } }]],
      ['tools', [{ type: 'file_search', vector_store_ids: ['file-a'] }]],
      ['prompt', { id: 'file-a' }],
      ['input', [{ type: 'item_reference', id: 'file-a' }]],
    );
    const around = fc.dictionary(fc.constantFrom('a', 'b', 'metadata', 'response_format'), jsonValue, { noNullPrototype: true });
    fc.assert(
      fc.property(planted, around, choices, fc.boolean(), ([name, value], others, draws, escape) => {
        const printed = printSpaced({ ...others, [name]: value, z: others['a'] ?? null }, draws);
        const text = escape
          ? printed.replaceAll(
              /"(file_id|content|file|container|id|vector_store_ids)"/g,
              (_, word: string) => `"${escapeAll(word)}"`,
            )
          : printed;
        expect(listed(text).map(({ id: found }) => found)).toEqual(['file-a']);
      }),
    );
  });

  it('says which one is not ours, the first in the body', () => {
    const body = readBody(Buffer.from('{"container":"cntr_1","conversation":"conv_1"}'), { watch: foreignIdNames });
    expect(() => refuseForeignIds(body)).toThrow(expect.objectContaining({ code: 'not_found', param: 'container' }));
  });

  it('refuses a body that is no JSON on the way to an id', () => {
    for (const text of ['{"messages":[{"file_id" "x"}]}', '{"messages":[[] {"file_id":1}]}', '{"tools":[{"container":"\\q"}]}'])
      expect(() => listed(text)).toThrow(expect.objectContaining({ code: 'invalid_request' }));
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
      'content',
    ];
    const text = fc.constantFrom('file-a', 'item_reference', 'x', '');
    const body = fc.letrec<{ value: unknown; object: Record<string, unknown> }>((tie) => ({
      value: fc.oneof({ depthSize: 'small' }, text, jsonValue, fc.array(tie('value'), { maxLength: 3 }), tie('object')),
      object: fc.dictionary(fc.constantFrom(...names), tie('value'), { maxKeys: 4, noNullPrototype: true }),
    })).object;
    let found = 0;
    fc.assert(
      fc.property(body, choices, fc.boolean(), (object, draws, escape) => {
        const printed = printSpaced(object, draws);
        const source = escape
          ? printed.replace(/"(file_id|container|vector_store_ids)"/g, (_, name: string) => `"${escapeAll(name)}"`)
          : printed;
        if (listed(object).length === 0) return;
        found++;
        expect(mayHold(source)).toBe(true);
      }),
      { numRuns: 1000 },
    );
    expect(found).toBeGreaterThan(50);
  });
});

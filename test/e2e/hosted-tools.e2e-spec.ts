import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { call } from '../support/app.js';
import { startPlatform, type SeededKey, type SeededTenant, type TestPlatform } from '../support/platform.js';
import { reply, startRecordingProvider, type RecordingProvider } from '../support/recording-provider.js';
import { dataLines, post } from '../support/relay.js';
import { eventsOf, message, providerResponse, sendEvents } from '../support/responses-provider.js';

let platform: TestPlatform;
let provider: RecordingProvider;
const keys: Record<string, SeededKey> = {};
const otherKeys: Record<string, SeededKey> = {};

/** Tools of an agent, one of which runs where only its provider knows. */
const ownTools = [
  { type: 'web_search', search_context_size: 'low' },
  { type: 'code_interpreter', container: 'cntr_agent' },
];

/** The same agents over each wire: one allows nothing, one a search of the web and servers of the client's own. */
beforeAll(async () => {
  provider = await startRecordingProvider();
  platform = await startPlatform();
  for (const wire of ['openai', 'chat', 'responses']) {
    const tenant: SeededTenant = await platform.factory.tenant(`hosting-${wire}`, provider.url);
    await platform.factory.wire(tenant, wire);
    await platform.factory.alias(tenant, 'searching', { hosted_tools: ['web_search', 'mcp'] });
    await platform.factory.alias(tenant, 'boxed', { hosted_tools: ['code_interpreter', 'shell', 'image_generation'] });
    await platform.factory.alias(tenant, 'fixed', {
      parameters: { tools: [{ type: 'web_search', search_context_size: 'low' }] },
      pinned: ['tools'],
    });
    await platform.factory.alias(tenant, 'owning', { parameters: { tools: ownTools }, pinned: ['tools'] });
    keys[wire] = await platform.factory.key(tenant);
    otherKeys[wire] = await platform.factory.key(tenant);
  }
});
afterAll(async () => {
  await platform.close();
  await provider.close();
});

const searched = {
  id: 'ws_provider',
  type: 'web_search_call',
  status: 'completed',
  action: { type: 'search', query: 'harbour' },
};
const cited = {
  ...message('See here.'),
  content: [
    {
      type: 'output_text',
      text: 'See here.',
      annotations: [{ type: 'url_citation', start_index: 4, end_index: 8, url: 'https://a.example', title: 'A' }],
      logprobs: [],
    },
  ],
};
/** Answers like a provider that shows what it was asked. */
beforeEach(() =>
  provider.answerWith((body, response) => {
    const { tools, messages } = body as unknown as { tools?: object[]; messages?: object[] };
    if (messages !== undefined) return reply(response, body, { content: 'See here.' });
    const output = [searched, cited];
    if (body.stream === true) return sendEvents(response, eventsOf(output, { tools: tools ?? [] }));
    response.setHeader('content-type', 'application/json').end(JSON.stringify(providerResponse(output, { tools: tools ?? [] })));
    return undefined;
  }),
);

const sent = () => provider.bodies.at(-1) as unknown as Record<string, unknown>;
const ask = async (wire: string, body: object, path = '/responses') => {
  const secret = keys[wire]?.secret ?? '';
  const answer = await post({ url: platform.app.baseUrl + path, secret, body: { model: 'searching', ...body } });
  const text = await answer.text();
  return { status: answer.status, headers: answer.headers, text, body: text.startsWith('{') ? JSON.parse(text) : undefined };
};
const leftOut = ({ headers }: { headers: Headers }) => headers.get('x-gt-tools-left-out');
const weather = { type: 'function', name: 'weather', parameters: { type: 'object' }, strict: false };
const search = { type: 'web_search_preview', search_context_size: 'low' };
const code = { type: 'code_interpreter', container: { type: 'auto' } };
const server = {
  type: 'mcp',
  server_label: 'crm',
  server_url: 'https://user:word@crm.example/mcp?token=in-the-address',
  authorization: 'credential-4711-in-the-open',
  headers: { 'X-Key': 'header-credential-0815' },
  require_approval: 'never',
};
const secrets = ['credential-4711-in-the-open', 'header-credential-0815', 'in-the-address', 'user:word'];

describe.each(['openai', 'responses'])('over %s, hosted tools', (wire) => {
  it('that the agent allows go on, and the others are left out and named', async () => {
    const answer = await ask(wire, { input: 'Hi', tools: [search, weather, code] });
    expect([answer.status, leftOut(answer)]).toEqual([200, 'code_interpreter']);
    expect(sent()['tools']).toEqual([search, weather]);
    expect(answer.body.output.map(({ type }: { type: string }) => type)).toEqual(['web_search_call', 'message']);
    const raw = await ask(wire, { model: 'raw-chat', input: 'Hi', tools: [search, weather] });
    expect([raw.status, leftOut(raw), sent()['tools']]).toEqual([200, 'web_search_preview', [weather]]);
  });

  it('may be chosen where they are allowed; a choice of others is 400, and loses them from a list', async () => {
    expect((await ask(wire, { input: 'Hi', tools: [search], tool_choice: { type: 'web_search_preview' } })).status).toBe(200);
    const refusals: unknown[] = [
      { type: 'code_interpreter' },
      { type: 'allowed_tools', mode: 'auto', tools: [{ type: 'code_interpreter' }] },
    ];
    for (const tool_choice of refusals) {
      const refused = await ask(wire, { input: 'Hi', tools: [weather, code], tool_choice });
      expect([refused.status, refused.body.error.code, refused.body.error.param]).toEqual([
        400,
        'unsupported_parameter',
        'tool_choice',
      ]);
    }
    expect((await ask(wire, { input: 'Hi', tools: [code], tool_choice: 'required' })).status).toBe(400);
    const tools = [{ type: 'code_interpreter' }, { type: 'function', name: 'weather' }];
    await ask(wire, { input: 'Hi', tools: [weather, code], tool_choice: { type: 'allowed_tools', mode: 'auto', tools } });
    expect(sent()['tool_choice']).toEqual({ type: 'allowed_tools', mode: 'auto', tools: [tools[1]] });
  });

  it('keep an id on the way back, which the provider does not do without', async () => {
    const first = await ask(wire, { input: 'Hi', tools: [search] });
    await ask(wire, { input: 'And?', previous_response_id: first.body.id });
    expect((sent()['input'] as object[])[1]).toEqual({ ...searched, id: first.body.output[0].id });
    expect(first.body.output[0].id).toMatch(/^ws_[0-9A-Za-z]{24}$/);
  });

  it('that the agent itself fixes are its own matter', async () => {
    const answer = await ask(wire, { model: 'fixed', input: 'Hi', tools: [code, weather] });
    expect([answer.status, sent()['tools']]).toEqual([200, [{ type: 'web_search', search_context_size: 'low' }]]);
  });

  it('that the agent fixes are shown without those that name an object of its provider', async () => {
    for (const body of [{}, { stream: true }, { background: true }]) {
      const answer = await ask(wire, { model: 'owning', input: 'Hi', ...body });
      expect([answer.status, answer.text.includes('search_context_size'), answer.text.includes('cntr_agent')]).toEqual([
        200,
        true,
        false,
      ]);
    }
    expect(sent()['tools']).toEqual(ownTools);
  });

  it('with credentials of the client go on with them, which are neither shown nor kept', async () => {
    for (const stream of [false, true]) {
      const answer = await ask(wire, {
        input: [
          { role: 'user', content: 'Hi' },
          { type: 'additional_tools', role: 'developer', tools: [server] },
        ],
        tools: [server],
        stream,
      });
      expect(answer.status).toBe(200);
      expect(sent()['tools']).toEqual([server]);
      expect((sent()['input'] as { tools?: object[] }[])[1]?.tools).toEqual([server]);
      expect(answer.text).toContain('https://crm.example/mcp');
      for (const secret of secrets) expect(answer.text).not.toContain(secret);
    }
    const kept = await ask(wire, { input: 'Hi', tools: [server] });
    const shown = await call(`${platform.app.baseUrl}/responses/${kept.body.id}`, 'GET', keys[wire]?.secret ?? '');
    expect(shown.body.tools).toEqual([
      { type: 'mcp', server_label: 'crm', server_url: 'https://crm.example/mcp', require_approval: 'never' },
    ]);
    for (const table of ['responses', 'response_items']) expect(await rowsOf(table)).not.toMatch(new RegExp(secrets.join('|')));
    provider.answerWith((_body, response) =>
      response
        .writeHead(400, { 'content-type': 'application/json' })
        .end(JSON.stringify({ error: { message: `Bad header: ${secrets[1]}`, code: 'bad', param: null } })),
    );
    const failed = await ask(wire, { input: 'Hi', tools: [server] });
    expect([failed.status, failed.text.includes(secrets[1] ?? '')]).toEqual([400, false]);
  });

  it('with credentials cannot run in the background, where they would be kept', async () => {
    const bare = { type: 'mcp', server_label: 'crm', server_url: 'https://crm.example/mcp' };
    const inAddress = { ...bare, server_url: 'https://crm.example/mcp?token=in-the-address' };
    for (const tool of [server, inAddress]) {
      const refused = await ask(wire, { input: 'Hi', tools: [tool], background: true });
      expect([refused.status, refused.body.error.code, refused.body.error.param]).toEqual([
        400,
        'unsupported_parameter',
        'background',
      ]);
    }
    expect((await ask(wire, { input: 'Hi', tools: [bare], background: true })).body.status).toBe('queued');
  });

  it.each<[string, object]>([
    ['a server', { tools: [server] }],
    ['a connector', { tools: [{ type: 'mcp', server_label: 'x', connector_id: 'connector_gmail' }] }],
    ['a tool of another name with an address', { tools: [{ type: 'search', server_url: 'https://x.example' }] }],
    ['a network with credentials', { tools: [{ ...code, container: { type: 'auto', network_policy: { type: 'allowlist' } } }] }],
  ])('%s is 400 where the agent does not allow it', async (_what, body) => {
    const before = provider.bodies.length;
    const refused = await ask(wire, { model: 'assistant', input: 'Hi', ...body });
    expect([refused.status, refused.body.error.code, refused.body.error.param]).toEqual([
      400,
      'unsupported_parameter',
      'tools[0]',
    ]);
    expect(provider.bodies).toHaveLength(before);
  });

  it('that an item brings are held to the same rule', async () => {
    const bringing = (tools: object[]) => [
      { type: 'additional_tools', role: 'developer', tools },
      { role: 'user', content: 'Hi' },
    ];
    const refused = await ask(wire, { model: 'assistant', input: bringing([server]) });
    expect([refused.status, refused.body.error.param]).toEqual([400, 'input[0].tools[0]']);
    const answer = await ask(wire, { input: bringing([search, code]) });
    expect([leftOut(answer), (sent()['input'] as { tools: object[] }[])[0]?.tools]).toEqual(['code_interpreter', [search]]);
  });
});

describe.each(['openai', 'responses'])('over %s, tools of what was said before', (wire) => {
  const bringing = (tools: readonly object[]) => ({ type: 'additional_tools', role: 'developer', tools });
  const owned = async (method: string, path: string, body?: object) =>
    call(platform.app.baseUrl + path, method, keys[wire]?.secret, body);

  it('go on only where they are allowed by now, and are kept without credentials', async () => {
    const items = [{ role: 'user', content: 'x' }, bringing([server, search, weather])];
    const { body: made, status } = await owned('POST', '/conversations', { items });
    expect(status).toBe(200);
    const kept = JSON.stringify((await owned('GET', `/conversations/${made.id}/items`)).body);
    for (const secret of secrets) expect(kept).not.toContain(secret);
    expect((await ask(wire, { model: 'assistant', conversation: made.id, input: 'go' })).status).toBe(200);
    const told = JSON.stringify(sent());
    for (const hidden of ['crm', 'web_search', ...secrets]) expect(told).not.toContain(hidden);
    expect(told).toContain('"weather"');
  });

  it.each<[string, object]>([
    ['a container', { type: 'code_interpreter', container: 'cntr_other' }],
    ['a container as an object', { type: 'code_interpreter', container: { id: 'cntr_other' } }],
    ['files of a container', { type: 'code_interpreter', container: { type: 'auto', file_ids: ['file-other'] } }],
    ['a container of a shell', { type: 'shell', environment: { type: 'container_reference', container_id: 'cntr_other' } }],
    ['files of a shell', { type: 'shell', environment: { type: 'container_auto', file_ids: ['file-other'] } }],
    ['skills of a shell', { type: 'shell', environment: { type: 'container_auto', skills: [{ skill_id: 'skill_other' }] } }],
    ['a mask', { type: 'image_generation', input_image_mask: { file_id: 'file-other' } }],
    [
      'a container in a namespace of a namespace',
      {
        type: 'namespace',
        name: 'n',
        tools: [{ type: 'namespace', name: 'm', tools: [{ type: 'code_interpreter', container: 'cntr_other' }] }],
      },
    ],
  ])('are 404, or go on no more, when they name %s that is not the key’s', async (_what, tool) => {
    const model = 'boxed';
    const input = [bringing([weather, tool]), { role: 'user', content: 'Hi' }];
    const before = provider.bodies.length;
    const refused = await ask(wire, { model, input });
    expect([refused.status, refused.body.error.code, refused.body.error.param]).toEqual([
      404,
      'not_found',
      expect.stringMatching(/^input\[0\]\.tools\[1\]\./),
    ]);
    expect(provider.bodies).toHaveLength(before);
    const { body: made } = await owned('POST', '/conversations', { items: [input[1], input[0]] });
    expect((await ask(wire, { model, conversation: made.id, input: 'go' })).status).toBe(200);
    const told = JSON.stringify(sent());
    expect([told.includes('other'), told.includes('"weather"')]).toEqual([false, true]);
  });

  it('go on no more where the next model may not use them', async () => {
    const first = await ask(wire, { input: [{ role: 'user', content: 'x' }, bringing([search, weather])] });
    expect(first.status).toBe(200);
    const next = await ask(wire, { model: 'assistant', previous_response_id: first.body.id, input: 'go' });
    expect(next.status).toBe(200);
    const told = JSON.stringify(sent());
    expect([told.includes('web_search_preview'), told.includes('"weather"')]).toEqual([false, true]);
  });
});

describe.each(['openai', 'responses'])('over %s, the container of a call, and a file that is cited from it,', (wire) => {
  const ran = { id: 'ci_p', type: 'code_interpreter_call', status: 'completed', code: '1', container_id: 'cntr_p', outputs: [] };
  const environment = { type: 'container_reference', container_id: 'cntr_p' };
  const shelled = {
    id: 'sh_p',
    type: 'shell_call',
    status: 'completed',
    call_id: 'call_s',
    action: { commands: [] },
    environment,
  };
  const printed = { id: 'sho_p', type: 'shell_call_output', status: 'completed', call_id: 'call_s', output: [] };
  const citation = {
    type: 'container_file_citation',
    container_id: 'cntr_p',
    file_id: 'cfile_p',
    filename: 'plot.png',
    start_index: 4,
    end_index: 8,
  };
  const citing = {
    ...message('See here.'),
    content: [{ type: 'output_text', text: 'See here.', annotations: [citation], logprobs: [] }],
  };
  const hi = { role: 'user', content: 'Hi' };
  const output = [ran, shelled, printed, citing];
  const given = ['cntr_p', 'cfile_p'];
  beforeEach(() =>
    provider.answerWith((body, response) => {
      if (body.stream === true) return sendEvents(response, eventsOf(output));
      response.setHeader('content-type', 'application/json').end(JSON.stringify(providerResponse(output)));
      return undefined;
    }),
  );
  const run = (body: object, secret = keys[wire]?.secret ?? '') =>
    post({ url: `${platform.app.baseUrl}/responses`, secret, body: { model: 'boxed', ...body } });
  const outputOf = async (answer: Response) => ((await answer.json()) as { output: Record<string, unknown>[] }).output;
  /** What is cited in the texts that the provider was sent. */
  const sentCitations = () =>
    (sent()['input'] as { content?: unknown }[]).flatMap(({ content }) =>
      Array.isArray(content) ? (content as { annotations?: object[] }[]).flatMap(({ annotations = [] }) => annotations) : [],
    );
  /** The items of calls in what the provider was sent, as far as containers matter. */
  const sentContainers = () =>
    (sent()['input'] as Record<string, unknown>[]).flatMap(({ type, container_id: id, environment: at }) =>
      String(type).startsWith('code_') || String(type).startsWith('shell_') ? [[type, id ?? at]] : [],
    );
  const calls = [
    ['code_interpreter_call', 'cntr_p'],
    ['shell_call', environment],
    ['shell_call_output', undefined],
  ];

  it.each([true, false])('may be brought back in its item by the key that was given it (stored: %s)', async (store) => {
    const shown = await outputOf(await run({ input: 'go', store }));
    for (const id of given) expect(JSON.stringify(shown)).not.toContain(id);
    expect(shown[0]?.['container_id']).toMatch(/^cntr_[\w.-]+$/);
    expect((await run({ input: [...shown, hi], store })).status).toBe(200);
    expect([sentContainers(), sentCitations()]).toEqual([calls, [citation]]);
  });

  it('has one name in all events of a stream', async () => {
    const text = await (await run({ input: 'go', stream: true })).text();
    for (const id of given) expect(text).not.toContain(id);
    expect(text).toContain('response.output_text.annotation.added');
    for (const names of [/cntr_[\w.-]+/g, /cfile_[\w.-]+/g]) expect(new Set(text.match(names)).size).toBe(1);
  });

  it('is known to the provider again when it had answered a stream in one piece', async () => {
    provider.answerWith((_body, response) =>
      response.setHeader('content-type', 'application/json').end(JSON.stringify(providerResponse(output))),
    );
    const events = dataLines(await (await run({ input: 'go', stream: true })).text());
    const { response } = JSON.parse(events.at(-1) ?? '') as { response: { output: object[] } };
    for (const id of given) expect(JSON.stringify(events)).not.toContain(id);
    await run({ input: [...response.output, hi] });
    expect([sentContainers(), sentCitations()]).toEqual([calls, [citation]]);
  });

  it('is the same to the provider through a chain, a reference and a conversation', async () => {
    const first = (await (await run({ input: 'go' })).json()) as { id: string; output: { id: string }[] };
    const next = (await (await run({ input: [...first.output, hi], previous_response_id: first.id })).json()) as { id: string };
    expect([sentContainers(), sentCitations()]).toEqual([
      [...calls, ...calls],
      [citation, citation],
    ]);
    const references = first.output.map(({ id }) => ({ type: 'item_reference', id }));
    expect((await run({ input: [...references, hi] })).status).toBe(200);
    expect([sentContainers(), sentCitations()]).toEqual([calls, [citation]]);
    const { body: made } = await call(`${platform.app.baseUrl}/conversations`, 'POST', keys[wire]?.secret, {});
    for (const input of ['go', 'on']) expect((await run({ input, conversation: made.id })).status).toBe(200);
    expect([sentContainers(), sentCitations()]).toEqual([calls, [citation]]);
    for (const path of [`responses/${next.id}`, `responses/${next.id}/input_items`, `conversations/${made.id}/items`]) {
      const shown = JSON.stringify((await call(`${platform.app.baseUrl}/${path}`, 'GET', keys[wire]?.secret)).body);
      expect(shown).toContain('plot.png');
      for (const id of given) expect(shown).not.toContain(id);
    }
  });

  it('is 404 for another key, as the provider names it, and altered', async () => {
    const shown = await outputOf(await run({ input: 'go' }));
    const before = provider.bodies.length;
    const other = otherKeys[wire]?.secret;
    const named = String(shown[0]?.['container_id']);
    const refused = [
      run({ input: [shown[0], hi] }, other),
      run({ input: [{ ...shown[0], container_id: 'cntr_p' }, hi] }),
      run({ input: [{ ...shown[0], container_id: named.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A')) }, hi] }),
      run({ input: [{ ...shown[0], container_id: `cntr_${'x'.repeat(400)}` }, hi] }),
    ];
    for (const answer of refused) {
      const { status } = await answer;
      const { error } = (await (await answer).json()) as { error: Record<string, unknown> };
      expect([status, error['code'], error['param']]).toEqual([404, 'not_found', 'input[0].container_id']);
    }
    const shell = await run({ input: [shown[1], shown[2], hi] }, other);
    const { error } = (await shell.json()) as { error: Record<string, unknown> };
    expect([shell.status, error['param']]).toEqual([404, 'input[0].environment.container_id']);
    const cites = (file: string) => ({ ...citing, content: [{ ...citing.content[0], annotations: [{ file_id: file }] }] });
    for (const [message, member, secret] of [
      [shown[3], 'container_id', other],
      [citing, 'container_id', undefined],
      [cites('cfile_p'), 'file_id', undefined],
      [cites('file-other'), 'file_id', undefined],
    ] as const) {
      const foreign = await run({ input: [hi, message] }, secret);
      const { error: told } = (await foreign.json()) as { error: Record<string, unknown> };
      const param = `input[1].content[0].annotations[0].${member}`;
      expect([foreign.status, told['code'], told['param']]).toEqual([404, 'not_found', param]);
    }
    expect(provider.bodies).toHaveLength(before);
  });

  it('does not go on where it stands in a conversation without having been given to the key', async () => {
    const items = [hi, ran, shelled, printed, citing];
    const { body: made, status } = await call(`${platform.app.baseUrl}/conversations`, 'POST', keys[wire]?.secret, { items });
    expect(status).toBe(200);
    const answer = await run({ input: 'go', conversation: made.id });
    const leftOutItems = 'code_interpreter_call, shell_call, container_file_citation';
    expect([answer.status, answer.headers.get('x-gt-items-left-out')]).toEqual([200, leftOutItems]);
    expect([sentContainers(), sentCitations()]).toEqual([[], []]);
    expect(JSON.stringify(sent())).toContain('See here.');
  });
});

describe.each(['openai', 'responses'])('over %s, an item of no known type', (wire) => {
  it.each(['\u4e2d', 'a\r\nb'])('that says it is sealed passes like any other: %j', async (type) => {
    const first = await ask(wire, { input: 'Hi' });
    const input = [
      { type, encrypted_content: 'gt1.x' },
      { role: 'user', content: 'x' },
    ];
    const odd = await ask(wire, { store: false, previous_response_id: first.body.id, input });
    expect(odd.status).toBe(200);
    expect(odd.headers.get('x-gt-items-left-out')).toBeNull();
    expect((await ask(wire, { input: 'Hi' })).status).toBe(200);
  });
});

describe.each(['openai', 'chat'])('over %s, a vector store', (wire) => {
  it('that is not there is 404 wherever it is named, but in tools within others, which are left out', async () => {
    const search = { type: 'file_search', vector_store_ids: ['vs_1'] };
    const asked = await ask(wire, { input: 'Hi', tools: [weather, search] });
    expect([asked.status, asked.body.error.param]).toEqual([404, 'tools[1].vector_store_ids[0]']);
    const named = await ask(wire, { input: 'Hi', vector_store_ids: ['vs_1'] });
    expect([named.status, named.body.error.param]).toEqual([404, 'vector_store_ids[0]']);
    const within = await ask(wire, {
      input: 'Hi',
      tools: [{ type: 'namespace', name: 'n', description: '', tools: [weather, search] }],
    });
    expect([within.status, leftOut(within)]).toEqual([200, 'file_search']);
  });
});

describe('over chat, hosted tools', () => {
  it('have no form and are left out, allowed or not; one that reaches an address must be allowed all the same', async () => {
    const answer = await ask('chat', { input: 'Hi', tools: [search, server, weather] });
    expect([answer.status, leftOut(answer)]).toEqual([200, 'web_search_preview, mcp']);
    expect((sent()['tools'] as object[]).length).toBe(1);
    for (const secret of secrets) expect(JSON.stringify(sent()) + answer.text).not.toContain(secret);
    for (const tool_choice of [{ type: 'web_search_preview' }, { type: 'mcp', server_label: 'crm' }])
      expect((await ask('chat', { input: 'Hi', tools: [search, server, weather], tool_choice })).status).toBe(400);
    expect((await ask('chat', { model: 'assistant', input: 'Hi', tools: [server] })).status).toBe(400);
  });
});

describe.each(['openai', 'chat'])('a chat over %s', (wire) => {
  const chat = (body: object) => ask(wire, { messages: [{ role: 'user', content: 'Hi' }], ...body }, '/chat/completions');
  const shout = { type: 'function', function: { name: 'shout', parameters: { type: 'object' } } };

  it('holds tools to the same rule', async () => {
    for (const [tools, left] of [
      [[shout, search, code], [shout]],
      [[search], undefined],
    ] as const) {
      const answer = await chat({ model: 'raw-chat', tools, tool_choice: 'auto', parallel_tool_calls: true });
      expect([answer.status, sent()['tools']]).toEqual([200, left]);
      expect(leftOut(answer)).toBe(left === undefined ? 'web_search_preview' : 'web_search_preview, code_interpreter');
      expect('tool_choice' in sent()).toBe(left !== undefined);
    }
    const credential = { type: 'mcp', server_label: 'x', authorization: 'credential-4711-in-the-open' };
    for (const tool of [credential, { ...shout, headers: { a: 'b' } }]) {
      const refused = await chat({ model: 'raw-chat', tools: [shout, tool] });
      expect([refused.status, refused.body.error.code, refused.body.error.param]).toEqual([
        400,
        'unsupported_parameter',
        'tools[1]',
      ]);
    }
    expect((await chat({ model: 'raw-chat', tools: [search], tool_choice: 'required' })).status).toBe(400);
  });
});

const holding = (tools: object[]): object => ({ type: 'namespace', name: 'n', description: 'd', tools });

describe.each(['openai', 'responses', 'chat'])('over %s, a namespace', (wire) => {
  it('hides no tool from the rule', async () => {
    for (const hidden of [server, { ...weather, authorization: 'x' }]) {
      const refused = await ask(wire, { model: 'raw-chat', input: 'Hi', tools: [holding([weather, hidden])] });
      expect([refused.status, refused.body.error.param]).toEqual([400, 'tools[0].tools[1]']);
      const brought = { type: 'additional_tools', role: 'developer', tools: [holding([hidden])] };
      const inItem = await ask(wire, { model: 'raw-chat', input: [brought, { role: 'user', content: 'Hi' }] });
      expect([inItem.status, inItem.body.error.param]).toEqual([400, 'input[0].tools[0].tools[0]']);
    }
    const answer = await ask(wire, { model: 'raw-chat', input: 'Hi', tools: [holding([weather, code])] });
    expect([answer.status, leftOut(answer)]).toEqual([200, 'code_interpreter']);
    expect(JSON.stringify(sent()['tools'])).not.toContain('code_interpreter');
  });
});

describe.each(['openai', 'responses'])('over %s, a namespace with an allowed server', (wire) => {
  it('gives no credential back', async () => {
    const answer = await ask(wire, { input: 'Hi', tools: [holding([weather, server])] });
    expect([answer.status, JSON.stringify(sent())]).toEqual([200, expect.stringContaining('credential-4711-in-the-open')]);
    for (const secret of secrets) expect(answer.text).not.toContain(secret);
    const held = await ask(wire, { input: 'Hi', background: true, tools: [holding([server])] });
    expect([held.status, held.body.error.param]).toEqual([400, 'background']);
  });
});

describe('a chat that asks for a search of the web', () => {
  const options = {
    search_context_size: 'high',
    user_location: { type: 'approximate', approximate: { country: 'DE', city: 'Hamburg' } },
  };
  const chat = (wire: string, body: object) =>
    ask(wire, { messages: [{ role: 'user', content: 'Hi' }], ...body }, '/chat/completions');

  it.each(['openai', 'chat'])('gets it over %s where the agent allows it, else it is left out and named', async (wire) => {
    expect(leftOut(await chat(wire, { web_search_options: options }))).toBeNull();
    expect(sent()['web_search_options']).toEqual(options);
    for (const model of ['assistant', 'raw-chat']) {
      expect(leftOut(await chat(wire, { model, web_search_options: options }))).toBe('web_search');
      expect(sent()).not.toHaveProperty('web_search_options');
    }
    expect(leftOut(await chat(wire, { model: 'assistant', web_search_options: null }))).toBeNull();
  });

  it('gets it from a provider that speaks only Responses, with what it cites', async () => {
    const answer = await chat('responses', { web_search_options: options });
    expect(sent()['tools']).toEqual([
      { type: 'web_search', search_context_size: 'high', user_location: { type: 'approximate', country: 'DE', city: 'Hamburg' } },
    ]);
    const citation = { start_index: 4, end_index: 8, url: 'https://a.example', title: 'A' };
    expect(answer.body.choices[0].message.annotations).toEqual([{ type: 'url_citation', url_citation: citation }]);
    expect(leftOut(await chat('responses', { model: 'assistant', web_search_options: options }))).toBe('web_search');
    expect(sent()).not.toHaveProperty('tools');
  });

  it.each(['openai', 'chat', 'responses'])(
    'or for a server of its own over %s is 400 where that is not allowed',
    async (wire) => {
      const refused = await chat(wire, { model: 'assistant', tools: [server] });
      expect([refused.status, refused.body.error.code, refused.body.error.param]).toEqual([
        400,
        'unsupported_parameter',
        'tools[0]',
      ]);
      expect((await chat(wire, { tools: [server] })).status).toBe(200);
      expect(sent()['tools']).toEqual([server]);
    },
  );
});

async function rowsOf(table: string): Promise<string> {
  const database = new pg.Client({ connectionString: platform.app.databaseUrl });
  await database.connect();
  try {
    const { rows } = await database.query(`select * from ${table}`);
    expect(rows.length).toBeGreaterThan(0);
    return JSON.stringify(rows);
  } finally {
    await database.end();
  }
}

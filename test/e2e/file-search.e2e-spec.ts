import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type OpenAI from 'openai';
import type { Response, ResponseStreamEvent } from 'openai/resources/responses/responses';
import { FilesBench } from '../support/files.js';
import { faultsOf } from '../support/openai-schema.js';
import { startRecordingProvider, type RecordingProvider } from '../support/recording-provider.js';
import { openai } from '../support/relay.js';
import { openSocket } from '../support/response-socket.js';
import { saying, toldTo } from '../support/saying-provider.js';
import { until } from '../support/until.js';

const question = 'What is the access code of the north gate?';
const answer = 'Look 🏰: the code is 7391 [1], says one; `list[1]` and [9] say nothing.';
/** In characters: what stands before the mark. */
const cited = [...answer.slice(0, answer.indexOf('[1]'))].length;
const shout = { type: 'function', name: 'shout', parameters: { type: 'object', properties: {} }, strict: false } as const;

let bench: FilesBench;
let provider: RecordingProvider;
let client: OpenAI;
let key: { id: string; secret: string };
let store: string;
let gates: string;

beforeAll(async () => {
  provider = await startRecordingProvider();
  bench = await FilesBench.start();
  store = (await bench.dataset('castle', 'acme', { chunk_tokens: 32, overlap_tokens: 0 })).id;
  key = await bench.key();
  client = openai(bench.url, key);
  for (const wire of ['chat', 'responses']) {
    await made('/connections', { name: wire, base_url: provider.url, wire, auth: { mode: 'none' } });
    await made('/agents', { name: wire, models: { chat: { connection: wire, model: 'big' } } });
    await made('/endpoints', { name: wire, agent: wire });
  }
  await bench.worker();
  gates = await put('gates.txt', 'The access code of the north gate is 7391. It changes every winter [2].');
  await put('birds.txt', 'A heron lives at the pond of the castle.');
});
afterAll(async () => {
  await bench.close();
  await provider.close();
});
beforeEach(() => provider.answerWith(saying(answer)));

async function made(path: string, body: object): Promise<{ readonly id: string }> {
  const reply = await bench.platform.app.admin('POST', path, { tenant: 'acme', ...body });
  if (reply.status !== 201) throw new Error(`Refused: ${JSON.stringify(reply.body)}`);
  return reply.body as { readonly id: string };
}

async function put(name: string, bytes: string): Promise<string> {
  const { id } = await bench.accepted(key.secret, '/datasets/castle/files', { name, bytes });
  expect(await bench.ended(key.secret, id)).toMatchObject({ status: 'ready' });
  return id;
}

const tool = (further: object = {}) => ({ type: 'file_search' as const, vector_store_ids: [store], ...further });
const sent = () => provider.bodies.at(-1);
const ask = async (body: object, secret = key.secret) => bench.call(secret, 'POST', '/responses', { input: question, ...body });
const searchOf = (response: Response) => response.output.filter(({ type }) => type === 'file_search_call');
const annotationsOf = (response: Response) =>
  response.output
    .flatMap((item) => (item.type === 'message' ? item.content : []))
    .flatMap((part) => ('annotations' in part ? part.annotations : []));
const citation = () => ({ type: 'file_citation', index: cited, file_id: gates, filename: 'gates.txt' });

async function streamed(body: object): Promise<{ events: ResponseStreamEvent[]; response: Response }> {
  const stream = client.responses.stream({ input: question, ...body } as Parameters<typeof client.responses.stream>[0]);
  const events: ResponseStreamEvent[] = [];
  for await (const event of stream) events.push(event as ResponseStreamEvent);
  return { events, response: (await stream.finalResponse()) as unknown as Response };
}

describe.each(['chat', 'responses'])('a search in files over %s', (model) => {
  it('is made before the model is asked, and its answer cites what was found', async () => {
    const response = await client.responses.create({ model, input: question, tools: [tool()] });
    expect(faultsOf('Response', response)).toEqual([]);
    expect(response.output.map(({ type }) => type)).toEqual(['file_search_call', 'message']);
    expect(response.output[0]).toEqual({
      id: expect.stringMatching(/^fs_/),
      type: 'file_search_call',
      status: 'completed',
      queries: [question],
      results: null,
    });
    expect(response.output_text).toBe(answer);
    expect(annotationsOf(response)).toEqual([citation()]);
    expect(response.tools).toEqual([tool()]);
    expect((response as { gt?: { sources: object[] } }).gt?.sources[0]).toMatchObject({ index: 1, file_id: gates });
    expect(toldTo(sent())).toContain('The access code of the north gate is 7391.');
    expect(JSON.stringify(sent())).not.toContain('file_search');
  });

  it('shows what was found on request, as much as was asked for', async () => {
    const include = ['file_search_call.results'] as const;
    const response = await client.responses.create({ model, input: question, tools: [tool()], include: [...include] });
    const [search] = searchOf(response) as { results: { file_id: string }[] }[];
    expect(search?.results.length).toBeGreaterThan(1);
    expect(search?.results[0]).toEqual({
      file_id: gates,
      filename: 'gates.txt',
      score: expect.any(Number),
      attributes: {},
      text: 'The access code of the north gate is 7391. It changes every winter [2].',
    });
    // What looks like a mark is none in what the model is shown.
    expect(toldTo(sent())).toContain('every winter [ 2].');
    const one = await client.responses.create({
      model,
      input: question,
      tools: [tool({ max_num_results: 1 })],
      include: [...include],
    });
    expect((searchOf(one) as { results: object[] }[])[0]?.results).toHaveLength(1);
    const { body } = await bench.call(key.secret, 'GET', `/responses/${response.id}`);
    expect(body.output).toEqual(response.output);
  });

  it('is told in the order of the API, and moves what the model says one place on', async () => {
    const { events, response } = await streamed({ model, tools: [tool()], include: ['file_search_call.results'] });
    const faults = events.flatMap((event) => faultsOf('ResponseStreamEvent', event));
    expect(faults.filter((fault) => fault !== 'ResponseStreamEvent.response.usage is no object')).toEqual([]);
    expect(events.map(({ sequence_number: number }) => number)).toEqual(events.map((_event, at) => at));
    expect(events.map(({ type }) => type).filter((type, at, all) => type !== all[at - 1])).toEqual([
      'response.created',
      'response.in_progress',
      'response.output_item.added',
      'response.file_search_call.in_progress',
      'response.file_search_call.searching',
      'response.file_search_call.completed',
      'response.output_item.done',
      'response.output_item.added',
      'response.content_part.added',
      'response.output_text.delta',
      'response.output_text.annotation.added',
      'response.output_text.delta',
      'response.output_text.done',
      'response.content_part.done',
      'response.output_item.done',
      'response.completed',
    ]);
    const [search, message] = response.output;
    for (const event of events) {
      if (!('output_index' in event)) continue;
      const id = 'item_id' in event ? event.item_id : 'item' in event ? event.item.id : undefined;
      expect(id).toBe(event.output_index === 0 ? search?.id : message?.id);
    }
    expect(events.find(({ type }) => type === 'response.output_text.annotation.added')).toMatchObject({
      output_index: 1,
      content_index: 0,
      annotation_index: 0,
      annotation: citation(),
    });
    const part = events.find((event) => event.type === 'response.content_part.done');
    expect(part).toMatchObject({ part: { text: answer, annotations: [citation()] } });
    expect(annotationsOf(response)).toEqual([citation()]);
    expect(search).toMatchObject({ type: 'file_search_call', status: 'completed', results: [{ file_id: gates }, {}] });
    expect(response.output).toMatchObject((await client.responses.retrieve(response.id)).output);
  });

  it.each([
    ['nothing', undefined, true, undefined],
    ['auto', 'auto', true, 'auto'],
    ['required', 'required', true, 'auto'],
    ['the search', { type: 'file_search' }, true, 'auto'],
    ['none', 'none', false, 'none'],
    ['another tool', { type: 'function', name: 'shout' }, false, expect.objectContaining({ type: 'function' })],
    [
      'a list without it',
      { type: 'allowed_tools', mode: 'auto', tools: [{ type: 'function', name: 'shout' }] },
      false,
      expect.anything(),
    ],
  ])('goes by tool_choice: %s', async (_name, tool_choice, isMade, told) => {
    const { status, body } = await ask({ model, tools: [shout, tool()], tool_choice });
    expect([status, searchOf(body).length]).toEqual([200, isMade ? 1 : 0]);
    expect(toldTo(sent()).includes('7391')).toBe(isMade);
    expect([sent()?.['tools'], sent()?.['tool_choice']]).toEqual([[expect.anything()], told]);
    // The stand-in for a provider of Responses echoes no tools.
    expect(body).toMatchObject({ tools: expect.arrayContaining([tool()]), tool_choice: tool_choice ?? 'auto' });
  });

  it('lets a list of tools be chosen from', async () => {
    const tools = [{ type: 'file_search' }, { type: 'function', name: 'shout' }];
    const both = await ask({ model, tools: [shout, tool()], tool_choice: { type: 'allowed_tools', mode: 'required', tools } });
    expect([both.status, searchOf(both.body).length]).toEqual([200, 1]);
    const alone = await ask({
      model,
      tools: [shout, tool()],
      tool_choice: { type: 'allowed_tools', mode: 'required', tools: tools.slice(0, 1) },
    });
    expect([alone.status, searchOf(alone.body).length, sent()?.['tool_choice']]).toEqual([200, 1, 'none']);
    const only = await ask({ model, tools: [tool()], tool_choice: 'required' });
    expect([only.status, searchOf(only.body).length]).toEqual([200, 1]);
  });

  it('is kept, and no provider hears of it when it is gone on from', async () => {
    const first = await client.responses.create({
      model,
      input: question,
      tools: [tool()],
      include: ['file_search_call.results'],
    });
    const second = await client.responses.create({ model, input: 'And now?', previous_response_id: first.id });
    expect(searchOf(second)).toEqual([]);
    expect(toldTo(sent())).toContain('the code is 7391');
    expect(JSON.stringify(sent())).not.toMatch(/file_search|file_citation|"7391\. It changes/);
    const brought = [{ role: 'user', content: question }, ...first.output, { role: 'user', content: 'And now?' }];
    for (const store of [true, false]) {
      const again = await ask({ model, store, input: brought });
      expect([again.status, again.headers.get('x-gt-items-left-out')]).toEqual([200, null]);
      expect(JSON.stringify(sent())).not.toMatch(/file_search|file_citation/);
      expect(toldTo(sent())).toContain('the code is 7391');
      if (!store) continue;
      const items = await client.responses.inputItems.list(again.body.id, { order: 'asc' });
      expect(items.data.map(({ type }) => type)).toEqual(['message', 'file_search_call', 'message', 'message']);
      const third = await ask({ model, input: 'And then?', previous_response_id: again.body.id });
      expect([third.status, third.headers.get('x-gt-items-left-out')]).toEqual([200, null]);
      expect(JSON.stringify(sent())).not.toMatch(/file_search|file_citation/);
    }
  });

  it('looks for what the user has asked last, also where only the result of a tool is sent', async () => {
    const call = { type: 'function_call', call_id: 'call_1', name: 'shout', arguments: '{}' };
    const result = { type: 'function_call_output', call_id: 'call_1', output: 'heron' };
    const direct = await ask({
      model,
      store: false,
      input: [{ role: 'user', content: question }, call, result],
      tools: [shout, tool()],
    });
    expect(searchOf(direct.body)).toMatchObject([{ queries: [question] }]);
    const before = await ask({ model, input: [{ role: 'user', content: question }, call] });
    const after = await ask({ model, input: [result], previous_response_id: before.body.id, tools: [shout, tool()] });
    expect([after.status, searchOf(after.body)]).toMatchObject([200, [{ queries: [question] }]]);
  });

  it('becomes part of its conversation', async () => {
    const { id } = await client.conversations.create({});
    const first = await client.responses.create({ model, input: question, conversation: id, tools: [tool()] });
    const second = await ask({ model, input: 'And now?', conversation: id });
    expect(second.status).toBe(200);
    expect(JSON.stringify(sent())).not.toMatch(/file_search|file_citation/);
    const items = await client.conversations.items.list(id, { order: 'asc' });
    expect(items.data.map(({ type }) => type)).toEqual(['message', 'file_search_call', 'message', 'message', 'message']);
    expect(items.data.slice(1, 3)).toEqual(first.output);
  });

  it('is made in the background and over a WebSocket too', async () => {
    const queued = await client.responses.create({ model, input: question, background: true, tools: [tool()] });
    expect(queued).toMatchObject({ status: 'queued', output: [], tools: [tool()] });
    const ended = await until('the response has ended', async () => {
      const response = await client.responses.retrieve(queued.id);
      return response.status === 'completed' ? response : undefined;
    });
    expect(ended.output.map(({ type }) => type)).toEqual(['file_search_call', 'message']);
    expect(annotationsOf(ended)).toEqual([citation()]);
    const socket = await openSocket(bench.url, key.secret);
    const events = await socket.ask({ model, input: question, store: false, tools: [tool()] });
    const last = events.at(-1)?.response as Response;
    expect([last.output.map(({ type }) => type), annotationsOf(last)]).toEqual([['file_search_call', 'message'], [citation()]]);
    const further = await socket.ask({ model, input: 'And now?', store: false, previous_response_id: last.id });
    expect(further.at(-1)).toMatchObject({ type: 'response.completed', response: { output: [{ type: 'message' }] } });
    expect(JSON.stringify(sent())).not.toMatch(/file_search|file_citation/);
    socket.close();
  });

  it('has nothing to look for where nobody has asked anything', async () => {
    const content = [{ type: 'input_image', image_url: 'data:image/png;base64,iVBORw0KGgo=' }];
    const { status, body } = await ask({ model, input: [{ role: 'user', content }], tools: [tool()] });
    expect([status, body.output.map(({ type }: { type: string }) => type)]).toEqual([200, ['message']]);
  });
});

describe('a store that a request names', () => {
  const named = async (body: object, secret = key.secret) => {
    const before = provider.bodies.length;
    const reply = await ask({ model: 'chat', ...body }, secret);
    return { ...reply, wasAsked: provider.bodies.length > before };
  };
  const error = { code: 'not_found', param: 'tools[0].vector_store_ids[0]', message: 'No such vector store.' };
  const absent = { status: 404, wasAsked: false, body: { error } };

  it.each([
    ['without any scope for stores', { scopes: ['inference:chat'] }, [403, 'insufficient_scope']],
    [
      'without the dataset',
      { scopes: ['inference:chat', 'datasets:read', 'vector_stores:read'], datasets: ['handbook'] },
      [404, 'not_found'],
    ],
  ])('is absent for a key %s', async (_name, options, ofStore) => {
    const { secret } = await bench.key(options);
    for (const further of [{}, { tool_choice: 'none' }, { background: true }, { stream: true }])
      expect(await named({ tools: [tool()], ...further }, secret)).toMatchObject(absent);
    const { status, body, wasAsked } = await named({ tools: [tool({ vector_store_ids: ['vs_none'] })] }, secret);
    expect([status, body.error.code, body.error.param, wasAsked]).toEqual([...ofStore, error.param, false]);
    const counted = await bench.call(secret, 'POST', '/responses/input_tokens', { model: 'chat', input: 'Hi', tools: [tool()] });
    expect(counted).toMatchObject({ status: 404, body: absent.body });
  });

  it.each(['datasets:read', 'vector_stores:read'])('is found with the scope %s and the dataset', async (scope) => {
    const { secret } = await bench.key({ scopes: ['inference:chat', scope], datasets: ['castle'] });
    expect((await named({ tools: [tool()] }, secret)).status).toBe(200);
  });

  it("is absent for another tenant's key, and while the tenant has its group switched off", async () => {
    const other = await bench.otherTenant('other');
    const theirs = await bench.platform.factory.key(other);
    const reply = await named({ model: 'assistant', tools: [tool()] }, theirs.secret);
    expect(reply).toMatchObject(absent);
    const { secret } = await bench.key({ scopes: ['inference:chat', 'datasets:read'] });
    const put = (routes_off: string[]) => bench.platform.app.admin('PATCH', '/tenants/acme', { routes_off });
    expect((await put(['datasets'])).status).toBe(200);
    await bench.eventually(async () => expect(await named({ tools: [tool()] }, secret)).toMatchObject(absent));
    expect((await put([])).status).toBe(200);
    await bench.eventually(async () => expect((await named({ tools: [tool()] }, secret)).status).toBe(200));
  });

  it('needs no right where the agent answers from it, and then shows no passage', async () => {
    await made('/agents', { name: 'warden', datasets: ['castle'], models: { chat: { connection: 'chat', model: 'big' } } });
    await made('/endpoints', { name: 'warden', agent: 'warden' });
    const { secret } = await bench.key({ scopes: ['inference:chat'], datasets: [] });
    const include = ['file_search_call.results'];
    const reply = await named({ model: 'warden', tools: [tool()], include }, secret);
    expect([reply.status, reply.body.output[0].results, annotationsOf(reply.body)]).toEqual([200, [], [citation()]]);
    expect(toldTo(sent()).match(/BEGIN QUOTATION/g)?.length).toBe(3);
    const mine = await named({ model: 'warden', tools: [tool()], include });
    expect(mine.body.output[0].results).toHaveLength(2);
    const theirs = (await bench.dataset('other-castle')).id;
    expect(await named({ model: 'warden', tools: [tool({ vector_store_ids: [theirs] })] }, secret)).toMatchObject(absent);
  });

  it.each([
    [{ vector_store_ids: undefined }, 'missing_required_parameter', 'tools[0].vector_store_ids'],
    [{ vector_store_ids: [] }, 'invalid_value', 'tools[0].vector_store_ids'],
    [{ vector_store_ids: 'x' }, 'invalid_value', 'tools[0].vector_store_ids'],
    [
      { vector_store_ids: Array.from({ length: 101 }, (_unused, at) => `vs_${at}`) },
      'invalid_value',
      'tools[0].vector_store_ids',
    ],
    [{ max_num_results: 0 }, 'invalid_value', 'tools[0].max_num_results'],
    [{ max_num_results: 51 }, 'invalid_value', 'tools[0].max_num_results'],
    [{ max_num_results: 1.5 }, 'invalid_value', 'tools[0].max_num_results'],
  ])('is refused with what is wrong: %j', async (further, code, param) => {
    const { status, body, wasAsked } = await named({ tools: [tool(further)] });
    expect([status, body.error.code, body.error.param, wasAsked]).toEqual([400, code, param, false]);
  });

  it('may be named by one tool alone', async () => {
    const { status, body } = await named({ tools: [tool(), shout, tool()] });
    expect([status, body.error.code, body.error.param]).toEqual([400, 'invalid_value', 'tools[2]']);
  });

  it('costs the embedding of the question, which is booked on the key', async () => {
    const { secret } = await bench.key({ scopes: ['inference:chat', 'datasets:read', 'usage:read'] });
    expect((await named({ tools: [tool()] }, secret)).status).toBe(200);
    await bench.eventually(async () => {
      const { body } = await bench.call(secret, 'GET', '/usage');
      expect(body.data.map(({ route }: { route: string }) => route).sort()).toEqual(['responses.create', 'retrieval.embed']);
    });
  });

  it('counts with what its quotations may have at most', async () => {
    const count = async (tools: object[]) =>
      (await bench.call(key.secret, 'POST', '/responses/input_tokens', { model: 'chat', input: 'Hi', tools })).body.input_tokens;
    expect((await count([tool()])) - (await count([]))).toBeGreaterThan(2_000);
  });
});

import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { ServerResponse } from 'node:http';
import type OpenAI from 'openai';
import { BatchBench, chatLine, chatLines, type OutputLine } from '../support/batches.js';
import { faultsOf } from '../support/openai-schema.js';
import { defaultAnswer } from '../support/recording-provider.js';
import { openai } from '../support/relay.js';
import { until } from '../support/until.js';

let bench: BatchBench;
let client: OpenAI;

beforeAll(async () => {
  bench = await BatchBench.start();
  ({ client } = bench);
  await bench.files.worker();
});
afterAll(() => bench.close());
beforeEach(() => bench.provider.answerWith(defaultAnswer));

const customIds = (lines: readonly OutputLine[]): string[] => lines.map(({ custom_id: id }) => id);
const refuse = (response: ServerResponse, status: number, headers: Record<string, string> = {}): void => {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify({ error: { message: 'No.', type: 'x', code: null, param: null } }));
};

describe('a batch', () => {
  it('makes every request of its file, and has the answers in their order', async () => {
    const lines = chatLines(300);
    const made = await bench.create(lines, { metadata: { night: 'yes' } });
    expect(made).toMatchObject({
      object: 'batch',
      status: 'validating',
      endpoint: '/v1/chat/completions',
      completion_window: '24h',
      metadata: { night: 'yes' },
      request_counts: { total: 0, completed: 0, failed: 0 },
    });
    expect(faultsOf('Batch', made)).toEqual([]);
    const batch = await bench.ended(made.id);
    expect(batch).toMatchObject({ status: 'completed', request_counts: { total: 300, completed: 300, failed: 0 } });
    expect(batch).toMatchObject({ usage: { input_tokens: 300, output_tokens: 300, total_tokens: 600 } });
    expect(batch.error_file_id).toBeUndefined();
    expect(faultsOf('Batch', batch)).toEqual([]);
    const output = await bench.lines(batch.output_file_id);
    expect(customIds(output)).toEqual(Array.from({ length: 300 }, (_one, at) => `line-${at}`));
    expect(new Set(output.map(({ id }) => id)).size).toBe(300);
    for (const [at, { id, response, error }] of output.entries()) {
      expect(id).toMatch(/^batch_req_\w+$/);
      expect(error).toBeNull();
      expect(response?.status_code).toBe(200);
      expect(response?.body).toMatchObject({
        object: 'chat.completion',
        model: 'assistant',
        choices: [{ message: { content: `Answer to Say ${at}` } }],
      });
    }
    const file = await client.files.retrieve(batch.output_file_id ?? '');
    expect(file).toMatchObject({ purpose: 'batch_output', filename: `${batch.id}_output.jsonl`, status: 'processed' });
    const requests = output.map(({ response }) => response?.request_id ?? '').sort();
    await until('all calls are booked', async () => (await booked()).length === 300);
    expect((await booked()).sort()).toEqual(requests);
    const left = await bench.rows<{ count: number }>(
      'select count(*)::int as count from batch_lines where batch_id = $1',
      batch.id,
    );
    await until('the requests are removed', async () => left[0]?.count === 0 || (await linesLeft(batch.id)) === 0);
  });

  const booked = async (): Promise<string[]> =>
    (await bench.rows<{ id: string }>('select request_id as id from usage_events where key_id = $1', bench.key.id)).map(
      ({ id }) => id,
    );
  const linesLeft = async (id: string): Promise<number> =>
    (await bench.rows<{ count: number }>('select count(*)::int as count from batch_lines where batch_id = $1', id))[0]?.count ??
    -1;

  it.each([
    ['/v1/responses', { model: 'assistant', input: 'hello' }, 'response'],
    ['/v1/completions', { model: 'assistant', prompt: 'hello' }, 'text_completion'],
    ['/v1/embeddings', { model: 'assistant', input: 'hello' }, 'list'],
    ['/v1/chat/completions', { model: 'assistant', messages: [{ role: 'user', content: 'hello' }] }, 'chat.completion'],
  ] as const)('serves %s', async (endpoint, body, object) => {
    const acme = openai(bench.files.url, await bench.files.platform.factory.key(bench.files.platform.acme));
    const lines = ['a', 'b'].map((id) => ({ custom_id: id, method: 'POST', url: endpoint, body }));
    const batch = await bench.ended((await bench.create(lines, { endpoint, client: acme })).id, acme);
    expect([batch.status, batch.request_counts]).toEqual(['completed', { total: 2, completed: 2, failed: 0 }]);
    const output = await bench.lines(batch.output_file_id, acme);
    expect(output.map(({ custom_id: id, response }) => [id, response?.body['object']])).toEqual([
      ['a', object],
      ['b', object],
    ]);
  });

  it('serves moderations, and takes paths without v1', async () => {
    const { factory, acme } = bench.files.platform;
    await factory.alias(acme, 'judge', { models: { moderate: { connection: acme.connectionId, model: 'sandbox-moderation' } } });
    const theirs = openai(bench.files.url, await factory.key(acme));
    const lines = [{ custom_id: 'a', method: 'POST', url: '/moderations', body: { model: 'judge', input: 'hello' } }];
    const made = await bench.create(lines, { endpoint: '/moderations' as '/v1/moderations', client: theirs });
    expect(made.endpoint).toBe('/v1/moderations');
    const batch = await bench.ended(made.id, theirs);
    expect(batch).toMatchObject({ status: 'completed', request_counts: { completed: 1 } });
    expect((await bench.lines(batch.output_file_id, theirs))[0]?.response?.body['results']).toHaveLength(1);
  });

  it('has one line for each request over both files, whatever becomes of it', async () => {
    bench.provider.answerWith((body, response) => {
      if (body.messages.at(-1)?.content === 'too much') refuse(response, 400);
      else defaultAnswer(body, response);
    });
    const lines = [
      chatLine('good-1'),
      chatLine('stream', 'x', { stream: true }),
      chatLine('good-2'),
      chatLine('background', 'x', { background: true }),
      chatLine('conversation', 'x', { conversation: 'conv_1' }),
      chatLine('previous', 'x', { previous_response_id: 'resp_1' }),
      { ...chatLine('url'), url: '/v1/embeddings' },
      chatLine('model', 'x', { model: 'unknown' }),
      chatLine('provider', 'too much'),
      chatLine('messages', 'x', { messages: 'none' }),
      chatLine('good-3'),
    ];
    const batch = await bench.ended((await bench.create(lines)).id);
    expect(batch).toMatchObject({ status: 'completed', request_counts: { total: 11, completed: 3, failed: 8 } });
    expect(customIds(await bench.lines(batch.output_file_id))).toEqual(['good-1', 'good-2', 'good-3']);
    const errors = await bench.lines(batch.error_file_id);
    expect(errors.map(({ custom_id: id, response }) => [id, response?.status_code, response?.body.error?.code ?? null])).toEqual([
      ['stream', 400, 'unsupported_parameter'],
      ['background', 400, 'unsupported_parameter'],
      ['conversation', 400, 'unsupported_parameter'],
      ['previous', 400, 'unsupported_parameter'],
      ['url', 400, 'invalid_value'],
      ['model', 404, 'model_not_found'],
      ['provider', 400, null],
      ['messages', 400, expect.stringMatching(/^invalid/)],
    ]);
    expect(errors[0]?.response?.body.error?.param).toBe('stream');
    expect((await client.files.retrieve(batch.error_file_id ?? '')).filename).toBe(`${batch.id}_error.jsonl`);
  });

  it('whose every request is refused at once is complete, with a file of errors alone', async () => {
    const batch = await bench.ended((await bench.create([chatLine('a', 'x', { stream: true })])).id);
    expect(batch).toMatchObject({ status: 'completed', request_counts: { total: 1, completed: 0, failed: 1 } });
    expect(batch.output_file_id).toBeUndefined();
    expect(customIds(await bench.lines(batch.error_file_id))).toEqual(['a']);
  });

  it('takes an answer whose provider counts more tokens than can be, and asks for it once', async () => {
    bench.provider.answerWith((_body, response) => {
      const usage = { prompt_tokens: 3_000_000_000, completion_tokens: 1, total_tokens: 3_000_000_001 };
      const choices = [{ index: 0, message: { role: 'assistant', content: 'x' }, finish_reason: 'stop', logprobs: null }];
      const answer = { id: 'chatcmpl-1', created: 1, model: 'm', object: 'chat.completion', choices, usage };
      response.setHeader('content-type', 'application/json').end(JSON.stringify(answer));
    });
    const before = bench.provider.bodies.length;
    const batch = await bench.ended((await bench.create(chatLines(3))).id);
    expect(batch).toMatchObject({ status: 'completed', request_counts: { total: 3, completed: 3, failed: 0 } });
    expect(bench.provider.bodies.length - before).toBe(3);
  });

  it('keeps numbers and texts of a request as they were written', async () => {
    const body =
      '{"model":"assistant","messages":[{"role":"user","content":"\\u00e9 é \\ud83d\\ude00"}],"seed":12345678901234567890}';
    const lines = `{"body": ${body} ,"custom_id":"é\\u0041","method":"POST","url":"/v1/chat/completions"}\r\n\n`;
    const before = bench.provider.texts.length;
    const batch = await bench.ended((await bench.create(lines)).id);
    expect(customIds(await bench.lines(batch.output_file_id))).toEqual(['éA']);
    expect(bench.provider.texts.at(before)).toContain('"content":"\\u00e9 é \\ud83d\\ude00"}],"seed":12345678901234567890');
  });

  it('reads on to its end when its file is deleted', async () => {
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    bench.provider.answerWith((body, response) => void held.then(() => defaultAnswer(body, response)));
    const made = await bench.create(chatLines(200));
    await until('it runs', async () => (await client.batches.retrieve(made.id)).status === 'in_progress');
    await client.files.delete(made.input_file_id);
    release();
    const batch = await bench.ended(made.id);
    expect(batch).toMatchObject({ status: 'completed', request_counts: { completed: 200 } });
    expect(await bench.rows('select holder from content_holds where holder = $1', made.id)).toEqual([]);
  });

  it('gives its files the time that was asked for', async () => {
    const expires = { anchor: 'created_at', seconds: 7200 } as const;
    const batch = await bench.ended((await bench.create([chatLine('a')], { output_expires_after: expires })).id);
    const file = await client.files.retrieve(batch.output_file_id ?? '');
    expect((file.expires_at ?? 0) - file.created_at).toBeGreaterThanOrEqual(7199);
    expect((file.expires_at ?? 0) - file.created_at).toBeLessThanOrEqual(7201);
  });

  it('waits where the provider takes no more, and no request ends as 429', async () => {
    const refused = new Map<string, number>();
    bench.provider.answerWith((body, response) => {
      const text = String(body.messages.at(-1)?.content);
      const times = refused.get(text) ?? 0;
      refused.set(text, times + 1);
      if (times === 0 && text.endsWith('3')) refuse(response, 429, { 'retry-after': '1' });
      else if (times === 0 && text.endsWith('7')) refuse(response, 503);
      else defaultAnswer(body, response);
    });
    const batch = await bench.ended((await bench.create(chatLines(40))).id);
    expect(batch).toMatchObject({ status: 'completed', request_counts: { total: 40, completed: 40, failed: 0 } });
    expect(customIds(await bench.lines(batch.output_file_id))).toHaveLength(40);
  });
});

describe('the input of a batch', () => {
  it.each([
    ['is empty', '', 'empty_file', null],
    ['is blank', '\n \r\n\n', 'empty_file', null],
    ['is no JSON', `${JSON.stringify(chatLine('a'))}\nnot json`, 'invalid_json_line', 2],
    ['says a custom_id twice', [chatLine('a'), chatLine('b'), '', chatLine('a')], 'duplicate_custom_id', 4],
    ['lacks a custom_id', [{ ...chatLine('a'), custom_id: undefined }], 'missing_required_parameter', 1],
    ['asks by another method', [chatLine('a'), { ...chatLine('b'), method: 'GET' }], 'invalid_value', 2],
    ['lacks a body', [{ ...chatLine('a'), body: undefined }], 'missing_required_parameter', 1],
  ])('that %s fails it, and the errors say where', async (_what, lines, code, line) => {
    const before = bench.provider.bodies.length;
    // An empty file is not taken in by itself.
    const batch = await bench.ended((await bench.create(lines === '' ? '\n' : lines)).id);
    expect(batch).toMatchObject({ status: 'failed', errors: { object: 'list', data: [{ code, line }] } });
    expect(batch.request_counts).toEqual({ total: 0, completed: 0, failed: 0 });
    expect(faultsOf('Batch', { ...batch, errors: { ...batch.errors, data: [] } })).toEqual([]);
    expect(bench.provider.bodies.length).toBe(before);
  });

  it('has its faults of all kinds told together, in the order of the lines', async () => {
    const lines = [chatLine('a'), 'x', chatLine('b'), chatLine('a'), { ...chatLine('c'), method: 'GET' }, chatLine('b')];
    const batch = await bench.ended((await bench.create(lines)).id);
    expect(batch.errors?.data?.map(({ code, line }) => [code, line])).toEqual([
      ['invalid_json_line', 2],
      ['duplicate_custom_id', 4],
      ['invalid_value', 5],
      ['duplicate_custom_id', 6],
    ]);
  });

  it('has repetitions among the first hundred faults, and not what stands behind these', async () => {
    const lines = [chatLine('a'), chatLine('a'), ...Array.from({ length: 100 }, () => 'x'), chatLine('a')];
    const batch = await bench.ended((await bench.create(lines)).id);
    expect(batch.errors?.data?.map(({ line }) => line)).toEqual(Array.from({ length: 100 }, (_one, at) => at + 2));
  });

  it('has at most a hundred errors told', async () => {
    const batch = await bench.ended((await bench.create(Array.from({ length: 300 }, () => 'x'))).id);
    expect(batch.errors?.data).toHaveLength(100);
  });

  it('may have 50,000 requests and no more', async () => {
    const line = JSON.stringify({ ...chatLine('ID', 'x', { stream: true }) });
    const text = (count: number): string => Array.from({ length: count }, (_one, at) => line.replace('ID', `i${at}`)).join('\n');
    const batch = await bench.ended((await bench.create(text(50_001))).id);
    expect(batch).toMatchObject({ status: 'failed', errors: { data: [{ code: 'too_many_lines', line: 50_001 }] } });
  });
});

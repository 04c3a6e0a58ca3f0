import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import OpenAI, { toFile } from 'openai';
import { FilesBench } from '../support/files.js';
import { faultsOf } from '../support/openai-schema.js';
import { until } from '../support/until.js';

let bench: FilesBench;
let key: { readonly id: string; readonly secret: string };
let openai: OpenAI;

beforeAll(async () => {
  bench = await FilesBench.start();
  key = await bench.key();
  openai = new OpenAI({ baseURL: bench.url, apiKey: key.secret, maxRetries: 0 });
});
afterAll(() => bench.close());

type Purpose = 'batch' | 'fine-tune';

const request = (id: string): string =>
  JSON.stringify({ custom_id: id, method: 'POST', url: '/v1/chat/completions', body: { model: 'assistant', messages: [] } });
const example = JSON.stringify({ messages: [{ role: 'user', content: 'hi' }] });
const store = async (text: string, purpose: Purpose): Promise<OpenAI.FileObject> =>
  openai.files.create({ file: await toFile(Buffer.from(text), 'a.jsonl'), purpose });
const waited = (id: string): Promise<OpenAI.FileObject> =>
  openai.files.waitForProcessing(id, { pollInterval: 100, maxWait: 60_000 });
const setState = (id: string, data: object): Promise<unknown> =>
  bench.platform.factory.run((tx) => tx.file.updateMany({ where: { id }, data }));

describe('a file of JSON lines', () => {
  it('waits for a worker, which judges it', async () => {
    const good = await store(`\ufeff${request('a')}\r\n\n  \n${request('b')}`, 'batch');
    expect(good.status).toBe('uploaded');
    const bad = await store(`${example}\n{"messages":"x"}\n`, 'fine-tune');
    await bench.worker();
    const ended = await waited(good.id);
    expect([ended.status, ended.status_details]).toEqual(['processed', undefined]);
    const failed = await waited(bad.id);
    expect([failed.status, failed.status_details]).toEqual([
      'error',
      "Line 2: 'messages' must be a list of messages that is not empty.",
    ]);
    for (const file of [good, ended, failed]) expect(faultsOf('OpenAIFile', file)).toEqual([]);
    expect(await (await openai.files.content(bad.id)).text()).toContain('"x"');
  });

  it.each<[string, Purpose, string, string]>([
    ['nothing', 'batch', '', 'The file has no lines.'],
    ['blank lines', 'batch', '\n \n', 'The file has no lines.'],
    ['no JSON', 'batch', `${request('a')}\nhello`, 'Line 2: it is not a JSON object.'],
    ['a list', 'batch', `\n[${request('a')}]`, 'Line 2: it is not a JSON object.'],
    ['half a line', 'fine-tune', `${example}\n${example.slice(0, 20)}`, 'Line 2: it is not a JSON object.'],
    [
      'an id twice',
      'batch',
      [request('a'), request('b'), request('a')].join('\n'),
      "Line 3: 'custom_id' is the same as in line 1.",
    ],
    ['deep nesting', 'batch', `{"a":${'['.repeat(600)}${']'.repeat(600)}}`, 'Line 1: it is nested deeper than 256 levels.'],
    ['a deep example', 'fine-tune', `{"a":${'['.repeat(600)}${']'.repeat(600)}}`, 'Line 1: it is nested deeper than 500 levels.'],
    ['too many values', 'batch', `{"a":[${'0,'.repeat(200_000)}0]}`, 'Line 1: it has more than 200000 values.'],
    [
      'two forms',
      'fine-tune',
      `${example}\n{"prompt":"a","completion":"b"}`,
      "Line 2: the examples before have 'messages', this one has 'prompt'.",
    ],
  ])('with %s is an error', async (_what, purpose, text, details) => {
    const { id } = await store(text, purpose);
    expect(await waited(id)).toMatchObject({ status: 'error', status_details: details });
  });

  it('that is no UTF-8 is an error', async () => {
    const bytes = Buffer.concat([Buffer.from(`${request('a')}\n{"custom_id":"`), Buffer.from([0xff]), Buffer.from('"}')]);
    const made = await openai.files.create({ file: await toFile(bytes, 'a.jsonl'), purpose: 'batch' });
    expect(await waited(made.id)).toMatchObject({ status: 'error', status_details: 'Line 2: it is not a JSON object.' });
  });

  it('may have 50,000 requests, and not one more', async () => {
    const lines = Array.from({ length: 50_000 }, (_none, at) => request(`r${at}`));
    const [most, more] = [await store(lines.join('\n'), 'batch'), await store([...lines, request('more')].join('\n'), 'batch')];
    expect((await waited(most.id)).status).toBe('processed');
    expect(await waited(more.id)).toMatchObject({ status_details: 'Line 50001: the file has more than 50000 requests.' });
  });

  it('is judged again when it is processed again, and others are not', async () => {
    const { id } = await store(request('a'), 'batch');
    await waited(id);
    await setState(id, { state: 'failed', errorCode: 'processing_failed', errorMessage: 'It failed.' });
    expect((await openai.files.retrieve(id)).status_details).toBe('It failed.');
    const { status, body } = await bench.call(key.secret, 'POST', `/files/${id}/reprocess`);
    expect([status, body.status]).toEqual([200, 'uploaded']);
    expect(await waited(id)).toMatchObject({ status: 'processed' });
  });

  it('of which the content is gone is an error', async () => {
    const { id } = await store(request('a'), 'batch');
    await waited(id);
    await setState(id, { storageKey: 'ins_0000000000000000abc/obj_def' });
    await bench.call(key.secret, 'POST', `/files/${id}/reprocess`);
    expect(await waited(id)).toMatchObject({ status: 'error', gt: { error: { code: 'content_missing' } } });
  });
});

describe('a line that is longer than a request', () => {
  it('ends the judging before it has come', async () => {
    const small = await FilesBench.start({ GT_MAX_JSON_BYTES: '65536' });
    try {
      const { secret } = await small.key();
      await small.worker();
      const bytes = `${request('a')}\n${'x'.repeat(80_000)}`;
      const { body } = await small.upload(secret, '/files', { name: 'a.jsonl', bytes, fields: { purpose: 'batch' } });
      const ended = await until('the file has ended', async () => {
        const file = await small.file(secret, body.id as string);
        return file.status === 'uploaded' ? undefined : file;
      });
      expect(ended.status_details).toBe('Line 2: it has more than 69632 bytes.');
    } finally {
      await small.close();
    }
  });
});

describe('a worker that is killed while it judges', () => {
  // `npm run test:soak` kills at every step; else where a file is left behind, and where its end is.
  const deaths = [
    { point: 'file.after-claim', attempts: 2 },
    { point: 'file.mid-judge', attempts: 2 },
    { point: 'file.before-ready', attempts: 2 },
    { point: 'file.after-ready', attempts: 1 },
  ].filter(({ point }) => process.env['GT_TEST_SOAK'] === '1' || /mid-judge|after-ready/.test(point));

  it('leaves the file to the next one, at whatever step', async () => {
    const alone = await FilesBench.start();
    try {
      const { secret } = await alone.key();
      const made: { readonly id: string; readonly attempts: number }[] = [];
      for (const { point, attempts } of deaths) {
        const worker = await alone.worker({ GT_FAULT_POINT: point });
        const content = { name: 'a.jsonl', bytes: [request('a'), request('b')].join('\n'), fields: { purpose: 'batch' } };
        const { body } = await alone.upload(secret, '/files', content);
        expect(await worker.ended).toBe('SIGKILL');
        made.push({ id: body.id as string, attempts });
      }
      await alone.worker();
      for (const { id, attempts } of made) {
        const ended = await until(
          'the file has ended',
          async () => {
            const file = await alone.file(secret, id);
            return file.status === 'uploaded' ? undefined : file;
          },
          90_000,
        );
        expect([ended.status, ended.gt.attempts]).toEqual(['processed', attempts]);
      }
    } finally {
      await alone.close();
    }
  }, 200_000);
});

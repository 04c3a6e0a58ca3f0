import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { ServerResponse } from 'node:http';
import type OpenAI from 'openai';
import type { ApiReply } from '../support/app.js';
import { BatchBench, chatLine, chatLines } from '../support/batches.js';
import type { SeededKey } from '../support/platform.js';
import { defaultAnswer, type RecordedBody } from '../support/recording-provider.js';
import { openai } from '../support/relay.js';
import { until } from '../support/until.js';

/** So many requests the worker makes at a time. */
const places = 8;

let bench: BatchBench;
let client: OpenAI;

beforeAll(async () => {
  bench = await BatchBench.start({ GT_BATCH_PLACES: String(places) });
  ({ client } = bench);
  await bench.files.worker();
});
afterAll(() => bench.close());
beforeEach(() => bench.provider.answerWith(defaultAnswer));

/** Answers nothing until it is let go on. */
class Gate {
  private readonly waiting: { readonly body: RecordedBody; readonly response: ServerResponse }[] = [];
  private isOpen = false;

  constructor() {
    bench.provider.answerWith((body, response) => {
      if (this.isOpen) defaultAnswer(body, response);
      else this.waiting.push({ body, response });
    });
  }

  /** Waits until so many requests are being made. */
  async begun(count: number): Promise<void> {
    await until(`${count} requests are made`, () => this.waiting.length >= count);
  }

  /** Of those that wait, by a word in their text. */
  waitingFor(word: string): number {
    return this.waiting.filter(({ body }) => String(body.messages.at(-1)?.content).includes(word)).length;
  }

  /** Answers those that wait. */
  answerAll(): void {
    for (const { body, response } of this.waiting.splice(0)) defaultAnswer(body, response);
  }

  /** Answers one of those that wait. */
  answerOne(word = ''): void {
    const at = this.waiting.findIndex(({ body }) => String(body.messages.at(-1)?.content).includes(word));
    const [one] = at === -1 ? [] : this.waiting.splice(at, 1);
    if (one !== undefined) defaultAnswer(one.body, one.response);
  }

  open(): void {
    this.isOpen = true;
    this.answerAll();
  }
}

describe('a batch that is cancelled', () => {
  it('finishes what runs and makes nothing else, and tells of every request', async () => {
    const gate = new Gate();
    const made = await bench.create(chatLines(30));
    await gate.begun(places);
    const before = bench.provider.bodies.length;
    const cancelled = await client.batches.cancel(made.id);
    expect(cancelled).toMatchObject({ status: 'cancelling', cancelling_at: expect.any(Number) });
    expect(await client.batches.cancel(made.id)).toMatchObject({ status: 'cancelling' });
    // Its runs hear of it within a second or two.
    await until('its run has heard of it', async () => (await pending(made.id)) === 30 - places);
    gate.open();
    const batch = await bench.ended(made.id);
    expect(batch).toMatchObject({
      status: 'cancelled',
      cancelled_at: expect.any(Number),
      request_counts: { total: 30, completed: places, failed: 30 - places },
    });
    expect(bench.provider.bodies.length).toBe(before);
    expect(await bench.lines(batch.output_file_id)).toHaveLength(places);
    const errors = await bench.lines(batch.error_file_id);
    expect(errors.map(({ custom_id: id }) => id)).toEqual(Array.from({ length: 22 }, (_one, at) => `line-${at + places}`));
    for (const { response, error } of errors) expect([response, error?.code]).toEqual([null, 'batch_cancelled']);
    expect((await client.batches.cancel(made.id)).status).toBe('cancelled');
  });

  const pending = async (id: string): Promise<number> =>
    (
      await bench.rows<{ count: number }>(
        `select count(*)::int as count from batch_lines where batch_id = $1 and state = 'pending'`,
        id,
      )
    )[0]?.count ?? 0;

  it('when all of its requests have ended, is not: 409', async () => {
    const batch = await bench.ended((await bench.create([chatLine('a')])).id);
    await expect(client.batches.cancel(batch.id)).rejects.toMatchObject({ status: 409, code: 'conflict' });
    expect((await client.batches.retrieve(batch.id)).status).toBe('completed');
  });
});

describe('a batch whose time is over', () => {
  it('is expired with what is done, and a line for each of the others', async () => {
    const gate = new Gate();
    const made = await bench.create(chatLines(20));
    await gate.begun(places);
    await bench.sql(`update batches set window_ends_at = now() where id = $1`, made.id);
    await until('it goes to its end', async () => (await client.batches.retrieve(made.id)).status === 'finalizing');
    gate.open();
    const batch = await bench.ended(made.id);
    expect(batch).toMatchObject({ status: 'expired', expired_at: expect.any(Number), request_counts: { total: 20 } });
    const [output, errors] = [await bench.lines(batch.output_file_id), await bench.lines(batch.error_file_id)];
    expect([output.length, errors.length]).toEqual([batch.request_counts?.completed, batch.request_counts?.failed]);
    expect(output.length).toBeGreaterThanOrEqual(places);
    expect(errors.length).toBeGreaterThan(0);
    for (const { error } of errors) expect(error?.code).toBe('batch_expired');
  });

  it('is not asked for again and again until the sweep ends it', async () => {
    const gate = new Gate();
    const made = await bench.create(chatLines(30));
    await gate.begun(places);
    await bench.sql(`update batches set window_ends_at = now() where id = $1`, made.id);
    gate.open();
    expect((await bench.ended(made.id)).status).toBe('expired');
    // One for the input, for each sweep and for each file, and those that ran.
    const [row] = await bench.rows<{ runs: number }>('select runs from batches where id = $1', made.id);
    expect(row?.runs).toBeLessThan(12);
  });
});

describe('the rights of a key', () => {
  it.each([
    ['revoked', `update keys set state = 'revoked' where id = $1`, 'invalid_api_key'],
    ['left without a scope', `update keys set scopes = '{batches:write,batches:read}' where id = $1`, 'insufficient_scope'],
    ['deleted', `delete from keys where id = $1`, 'invalid_api_key'],
  ])('are asked for each request: those that are left when it is %s end with an error', async (_what, change, code) => {
    const gate = new Gate();
    const key = await bench.files.platform.factory.key(bench.tenant);
    const theirs = openai(bench.files.url, key);
    const made = await bench.create(chatLines(30), { client: theirs });
    await gate.begun(places);
    await bench.sql(change, key.id);
    gate.answerOne();
    // What runs is broken off or finished, as with live calls.
    setTimeout(() => gate.open(), 1_500);
    const batch = await bench.ended(made.id);
    expect(batch).toMatchObject({ status: 'completed', request_counts: { total: 30 } });
    const errors = await bench.lines(batch.error_file_id);
    expect(errors.length).toBeGreaterThanOrEqual(30 - 2 * places);
    for (const { response, error } of errors) expect([response, error?.code]).toEqual([null, code]);
    expect((await bench.allLines(batch)).length).toBe(30);
  });

  it('count for the agents too: an alias that is gone is an error of the requests that are left', async () => {
    const gate = new Gate();
    await bench.files.platform.factory.alias(bench.tenant, 'short-lived');
    const made = await bench.create(chatLines(30, { model: 'short-lived' }));
    await gate.begun(places);
    await bench.sql(`delete from endpoints where name = 'short-lived'`);
    setTimeout(() => gate.open(), 1_500);
    const batch = await bench.ended(made.id);
    const errors = await bench.lines(batch.error_file_id);
    expect(errors.length).toBeGreaterThan(0);
    for (const { response } of errors)
      expect([response?.status_code, response?.body.error?.code]).toEqual([404, 'model_not_found']);
    expect(await bench.allLines(batch)).toHaveLength(30);
  });
});

describe('the places of a worker', () => {
  it('are all for one tenant, and one in four while another has requests', async () => {
    const gate = new Gate();
    const { factory } = bench.files.platform;
    const other = await factory.tenant('beside', bench.provider.url);
    const theirs = openai(bench.files.url, await factory.key(other));
    const lines = (word: string, count: number): object[] =>
      Array.from({ length: count }, (_one, at) => chatLine(`${at}`, `${word} ${at}`));
    const mine = await bench.create(lines('mine', 60));
    await until('one has all places', () => gate.waitingFor('mine') === places);
    const beside = await bench.create(lines('theirs', 60), { client: theirs });
    await until('the other is read', async () => (await theirs.batches.retrieve(beside.id)).status === 'in_progress');
    await until('the other has its share', () => {
      if (gate.waitingFor('mine') > places / 4) gate.answerOne('mine');
      return gate.waitingFor('theirs') === places / 4 && gate.waitingFor('mine') === places / 4;
    });
    for (let round = 0; round < 10; round += 1) {
      const before = bench.provider.bodies.length;
      gate.answerOne('mine');
      await until('the next one has come', () => bench.provider.bodies.length > before);
      expect([gate.waitingFor('mine'), gate.waitingFor('theirs')]).toEqual([places / 4, places / 4]);
    }
    gate.open();
    expect(await bench.ended(mine.id)).toMatchObject({ status: 'completed', request_counts: { completed: 60 } });
    expect(await bench.ended(beside.id, theirs)).toMatchObject({ status: 'completed', request_counts: { completed: 60 } });
  });
});

describe('making a batch', () => {
  let key: SeededKey;
  let fileId: string;
  beforeAll(async () => {
    ({ key } = bench);
    fileId = await bench.input([chatLine('a')]);
  });
  const post = (body: object): Promise<ApiReply> => bench.files.call(key.secret, 'POST', '/batches', body);
  const asked = (further: object = {}) => ({
    input_file_id: fileId,
    endpoint: '/v1/chat/completions',
    completion_window: '24h',
    ...further,
  });

  it.each([
    ['completion_window', { completion_window: '1h' }, 'invalid_value'],
    ['endpoint', { endpoint: '/v1/images/generations' }, 'invalid_value'],
    ['endpoint', { endpoint: undefined }, 'missing_required_parameter'],
    ['metadata.a', { metadata: { a: 1 } }, 'invalid_value'],
    ['metadata', { metadata: { a: '\ud800' } }, 'invalid_value'],
    ['output_expires_after.seconds', { output_expires_after: { anchor: 'created_at', seconds: 60 } }, 'invalid_value'],
    ['priority', { priority: 'high' }, 'unsupported_parameter'],
  ])('is refused for a wrong %s', async (param, further, code) => {
    const { status, body } = await post(asked(further));
    expect([status, body]).toMatchObject([400, { error: { code, param } }]);
  });

  it('is refused with a file of another purpose', async () => {
    const { id } = await bench.files.accepted(key.secret, '/files', {
      name: 'a.jsonl',
      bytes: '{}',
      fields: { purpose: 'user_data' },
    });
    expect(await post(asked({ input_file_id: id }))).toMatchObject({
      status: 400,
      body: { error: { code: 'invalid_value', param: 'input_file_id' } },
    });
  });

  it("answers another tenant's file like an absent one", async () => {
    const { factory } = bench.files.platform;
    const foreign = await bench.input(
      [chatLine('a')],
      openai(bench.files.url, await factory.key(await factory.tenant('foreign', bench.provider.url))),
    );
    const never = foreign.slice(0, -6) + (foreign.endsWith('aaaaaa') ? 'bbbbbb' : 'aaaaaa');
    const [given, none] = [await post(asked({ input_file_id: foreign })), await post(asked({ input_file_id: never }))];
    const told = ({ status, body }: ApiReply, id: string): string => JSON.stringify([status, body]).replaceAll(id, '<id>');
    expect(given.status).toBe(404);
    expect(told(given, foreign)).toBe(told(none, never));
  });

  it('is for the whole tenant: each of its keys sees it, and lists begin behind a cursor', async () => {
    const neighbour = openai(bench.files.url, await bench.files.platform.factory.key(bench.tenant, { scopes: ['batches:read'] }));
    const made = [await client.batches.create(asked() as never), await client.batches.create(asked() as never)];
    expect((await neighbour.batches.retrieve(made[0]?.id ?? '')).id).toBe(made[0]?.id);
    const page = await neighbour.batches.list({ limit: 1 });
    expect(page.data.map(({ id }) => id)).toEqual([made[1]?.id]);
    expect((await page.getNextPage()).data.map(({ id }) => id)).toEqual([made[0]?.id]);
    await expect(neighbour.batches.list({ after: 'batch_absent' })).rejects.toMatchObject({
      status: 400,
      code: 'invalid_value',
      param: 'after',
    });
    await expect(neighbour.batches.cancel(made[0]?.id ?? '')).rejects.toMatchObject({ status: 403, code: 'insufficient_scope' });
    for (const { id } of made) await bench.ended(id);
  });

  it('is refused while twenty others of the tenant are under way', async () => {
    const gate = new Gate();
    const { factory } = bench.files.platform;
    const theirs = openai(bench.files.url, await factory.key(await factory.tenant('busy', bench.provider.url)));
    const input_file_id = await bench.input([chatLine('a')], theirs);
    const create = () => theirs.batches.create(asked({ input_file_id }) as never);
    const made = await Promise.all(Array.from({ length: 20 }, create));
    await expect(create()).rejects.toMatchObject({ status: 429, code: 'rate_limit_exceeded' });
    gate.open();
    for (const { id } of made) await bench.ended(id, theirs);
    expect((await bench.ended((await create()).id, theirs)).status).toBe('completed');
  });
});

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type OpenAI from 'openai';
import type { ResponseStreamEvent } from 'openai/resources/responses/responses';
import { FilesBench } from '../support/files.js';
import { heldAnswer, type HeldAnswer } from '../support/held-answer.js';
import { limitMs } from '../support/live.js';
import type { SeededKey, SeededTenant } from '../support/platform.js';
import { startRecordingProvider, type RecordingProvider } from '../support/recording-provider.js';
import { faultsOf } from '../support/openai-schema.js';
import { openai } from '../support/relay.js';
import { answerOf, eventsOf, message, sendEvents } from '../support/responses-provider.js';
import { callsTools, given, result, says } from '../support/short-history.js';
import { until } from '../support/until.js';

const text = 'A long answer that comes in several deltas.';
const ends = ['completed', 'incomplete', 'failed', 'cancelled'];

let provider: RecordingProvider;
let bench: FilesBench;
let tenant: SeededTenant;
let key: SeededKey;
let client: OpenAI;

async function start(settings: Readonly<Record<string, string>> = {}): Promise<void> {
  provider = await startRecordingProvider();
  bench = await FilesBench.start(settings);
  tenant = await bench.platform.factory.tenant('answering', provider.url, { instructions: 'Never name the harbour.' });
  key = await bench.platform.factory.key(tenant);
  client = openai(bench.url, key);
}
async function stop(): Promise<void> {
  await bench.close();
  await provider.close();
}

const asked = (further: object = {}) => ({ model: 'assistant', input: 'Hi', background: true, ...further }) as const;
const create = (further: object = {}) => client.responses.create(asked(further));
const held = (): HeldAnswer => {
  const answer = heldAnswer(text);
  provider.answerWith(answer.answer);
  return answer;
};
const ended = (id: string, as: OpenAI = client) =>
  until(`${id} has ended`, async () => {
    const response = await as.responses.retrieve(id);
    return ends.includes(response.status ?? '') ? response : undefined;
  });
const send = (method: string, path: string, body?: object, secret = key.secret) => bench.call(secret, method, path, body);
async function readAll(stream: AsyncIterable<ResponseStreamEvent>): Promise<ResponseStreamEvent[]> {
  const events: ResponseStreamEvent[] = [];
  for await (const event of stream) events.push(event);
  return events;
}
const replay = async (id: string, after = -1): Promise<ResponseStreamEvent[]> =>
  readAll(await client.responses.retrieve(id, { stream: true, starting_after: after }));
const textOf = (events: readonly ResponseStreamEvent[]): string =>
  events.map((event) => (event.type === 'response.output_text.delta' ? event.delta : '')).join('');

describe('a response in the background', () => {
  beforeAll(async () => {
    await start();
    await bench.worker();
  });
  afterAll(stop);
  beforeEach(() => provider.answerWith(answerOf(message(text))));

  it('is answered as queued, polled until it is there, and kept like any other', async () => {
    const answer = held();
    const queued = await create({ metadata: { a: 'b' }, instructions: 'Be brief.' });
    expect(queued).toMatchObject({
      status: 'queued',
      background: true,
      output: [],
      model: 'assistant',
      instructions: 'Be brief.',
    });
    expect([queued.metadata, queued.usage, queued.error]).toEqual([{ a: 'b' }, null, null]);
    await until('it runs', async () => (await client.responses.retrieve(queued.id)).status === 'in_progress');
    await answer.begun();
    answer.release();
    const done = await ended(queued.id);
    expect(done).toMatchObject({ id: queued.id, status: 'completed', background: true, created_at: queued.created_at });
    expect([done.output_text, done.usage?.total_tokens]).toEqual([text, 12]);
    expect(provider.bodies.at(-1)).toMatchObject({ stream: true, store: false, input: 'Hi' });
    expect(provider.bodies.at(-1)).not.toHaveProperty('background');
    expect((await client.responses.inputItems.list(queued.id)).data).toMatchObject([{ role: 'user' }]);
    provider.answerWith(answerOf(message(text)));
    const next = await client.responses.create({ model: 'assistant', input: 'And?', previous_response_id: queued.id });
    expect(next.previous_response_id).toBe(queued.id);
    await client.responses.delete(queued.id);
    expect((await send('GET', `/responses/${queued.id}`)).status).toBe(404);
    expect(await bench.platform.factory.run((tx) => tx.responseEvent.count({ where: { responseId: queued.id } }))).toBe(0);
  });

  it('is streamed from its queueing to its end; who leaves the stream does not end it', async () => {
    const answer = held();
    const stream = await create({ stream: true });
    const seen: ResponseStreamEvent[] = [];
    let id = '';
    for await (const event of stream as unknown as AsyncIterable<ResponseStreamEvent>) {
      seen.push(event);
      if (event.type === 'response.created') id = event.response.id;
      if (event.type === 'response.output_text.delta') break;
    }
    expect(seen.slice(0, 3).map(({ type }) => type)).toEqual(['response.created', 'response.queued', 'response.in_progress']);
    answer.release();
    expect((await ended(id)).output_text).toBe(text);
    expect(answer.broken()).toBe(false);
    provider.answerWith(answerOf(message(text)));
    const whole = await readAll((await create({ stream: true })) as unknown as AsyncIterable<ResponseStreamEvent>);
    expect([whole.at(-1)?.type, textOf(whole)]).toEqual(['response.completed', text]);
  });

  it('is streamed again from any number, while it runs and when it has ended', async () => {
    const answer = held();
    const { id } = await create();
    const first = replay(id);
    await answer.begun();
    const second = replay(id, 2);
    answer.release();
    const events = await first;
    const numbers = events.map((event) => event.sequence_number);
    expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
    expect(textOf(events)).toBe(text);
    const told = events.map((event) => JSON.stringify(event));
    expect((await second).map((event) => JSON.stringify(event))).toEqual(told.filter((_event, at) => (numbers[at] ?? 0) > 2));
    for (const after of numbers)
      expect((await replay(id, after)).map((event) => JSON.stringify(event))).toEqual(
        told.filter((_event, at) => (numbers[at] ?? 0) > after),
      );
    expect(await client.responses.retrieve(id)).toMatchObject({ status: 'completed' });
  });

  it('is in OpenAI’s form from the first event to the last, over a provider that speaks only chat as well', async () => {
    await bench.platform.factory.wire(bench.platform.acme, 'chat');
    const theirs = openai(bench.url, await bench.platform.factory.key(bench.platform.acme));
    const conversation = await theirs.conversations.create();
    const queued = await theirs.responses.create(
      asked({ input: 'hello', conversation: conversation.id, tools: [{ type: 'web_search' }] }),
    );
    const done = await ended(queued.id, theirs);
    expect([done.status, done.output_text, done.conversation?.id]).toEqual(['completed', 'You said: hello', conversation.id]);
    const events = await readAll(await theirs.responses.retrieve(queued.id, { stream: true }));
    expect([events[0]?.type, events.at(-1)?.type, textOf(events)]).toEqual([
      'response.created',
      'response.completed',
      'You said: hello',
    ]);
    const { output_text: _text, ...told } = queued;
    const faults = [
      ...events.flatMap((event) => faultsOf('ResponseStreamEvent', event)),
      ...faultsOf('Response', JSON.parse(JSON.stringify(told))),
    ];
    // Before the end OpenAI's usage is null, for which its description has no word.
    expect(faults.filter((fault) => !fault.endsWith('usage is no object'))).toEqual([]);
    const items = await theirs.conversations.items.list(conversation.id, { order: 'asc' });
    expect(items.data.map((item) => ('role' in item ? item.role : ''))).toEqual(['user', 'assistant']);
  });

  it('names what is left out of it in its first answer, and is refused at once where it can be', async () => {
    const left = await send(
      'POST',
      '/responses',
      asked({ tools: [{ type: 'mcp', server_label: 'x', server_url: 'https://x.example' }] }),
    );
    expect([left.status, left.body.error.code]).toEqual([400, 'unsupported_parameter']);
    const deep = `${'['.repeat(600)}1${']'.repeat(600)}`;
    const nested = await send('POST', '/responses', asked({ metadata: JSON.parse(deep) as object }));
    expect([nested.status, nested.body.error.code]).toEqual([400, 'invalid_request']);
    expect((await send('POST', '/responses', asked({ model: 'nobody' }))).status).toBe(404);
    const without = await bench.platform.factory.run((tx) =>
      tx.backgroundResponse.count({ where: { state: { in: ['queued', 'running'] } } }),
    );
    expect(without).toBe(0);
  });

  it('that the provider refuses ends as failed, with what the provider says', async () => {
    provider.answerWith((_body, response) =>
      response.writeHead(400, { 'content-type': 'application/json' }).end('{"error":{"message":"Too hot.","code":"bad"}}'),
    );
    const { id } = await create();
    expect(await ended(id)).toMatchObject({ status: 'failed', error: { code: 'invalid_prompt', message: 'Too hot.' } });
    expect((await replay(id)).map(({ type }) => type)).toEqual(['response.created', 'response.queued', 'response.failed']);
    const next = await send('POST', '/responses', { model: 'assistant', input: 'x', previous_response_id: id });
    expect([next.status, next.body.error.param]).toEqual([400, 'previous_response_id']);
  });

  it('is cancelled while it runs, once and for all, and its call is broken off', async () => {
    const answer = held();
    const { id } = await create();
    await answer.begun();
    const stream = replay(id);
    expect(await client.responses.cancel(id)).toMatchObject({ id, status: 'cancelled', error: null });
    await until('the call is broken off', answer.broken, 2 * limitMs);
    expect((await stream).at(-1)).toMatchObject({ type: 'response.failed', response: { status: 'cancelled' } });
    expect(await client.responses.cancel(id)).toMatchObject({ status: 'cancelled' });
    expect(await client.responses.retrieve(id)).toMatchObject({ status: 'cancelled' });
  });

  it('that is deleted while it runs leaves nothing, and its call is broken off', async () => {
    const answer = held();
    const { id } = await create();
    await answer.begun();
    await client.responses.delete(id);
    await until('the call is broken off', answer.broken, 2 * limitMs);
    expect((await send('GET', `/responses/${id}`)).status).toBe(404);
  });

  it('continues its conversation', async () => {
    const conversation = await client.conversations.create();
    const { id } = await create({ conversation: conversation.id });
    expect(await ended(id)).toMatchObject({ status: 'completed', conversation: { id: conversation.id } });
    const items = await client.conversations.items.list(conversation.id, { order: 'asc' });
    expect(items.data.map((item) => ('role' in item ? item.role : ''))).toEqual(['user', 'assistant']);
    const last = (await replay(id)).at(-1);
    expect(last).toMatchObject({ response: { gt: { history: 'server', conversation_id: conversation.id } } });
    expect((await send('GET', `/responses/${id}`)).body).toEqual((last as { response: unknown } | undefined)?.response);
  });

  it.each(['openai', 'chat', 'responses'])('takes the result of a tool that was called before it, over %s', async (wire) => {
    const tenant = await bench.platform.factory.tenant(`calling-${wire}`, provider.url);
    await bench.platform.factory.wire(tenant, wire);
    const { secret } = await bench.platform.factory.key(tenant);
    const theirs = openai(bench.url, { secret });
    const { id: conversation } = await theirs.conversations.create();
    for (const named of ['conversation', 'previous_response_id']) {
      callsTools(provider, 'one');
      const first = await theirs.responses.create({ model: 'assistant', input: 'Q', conversation });
      says(provider, 'Done.');
      const before = named === 'conversation' ? { conversation } : { previous_response_id: first.id };
      const { id } = await theirs.responses.create(asked({ ...before, input: [result('one')] }));
      expect(await ended(id, theirs)).toMatchObject({ status: 'completed', output_text: 'Done.' });
      expect(given(provider.bodies.at(-1)).slice(-3)).toEqual(['user Q', 'call one', 'result one']);
    }
    if (wire !== 'chat') return;
    const refused = await send('POST', '/responses', asked({ conversation, input: [result('none')] }), secret);
    expect([refused.status, refused.body.error.param]).toEqual([400, 'input']);
  });

  it.each([
    [{ store: false }, 'background'],
    [{ previous_response_id: 'resp_unknown' }, 'previous_response_id'],
    [{ background: 'yes' }, 'background'],
  ])('with %j is 400', async (further, param) => {
    const { status, body } = await send('POST', '/responses', asked(further));
    expect([status, body.error.param]).toEqual([400, param]);
  });

  it('is what alone can be cancelled and streamed again', async () => {
    const { id } = await client.responses.create({ model: 'assistant', input: 'Hi' });
    expect((await send('POST', `/responses/${id}/cancel`)).status).toBe(400);
    expect((await send('GET', `/responses/${id}?stream=true`)).status).toBe(400);
  });

  it('of a key that is revoked ends as cancelled, and its call is broken off', async () => {
    const other = await bench.platform.factory.key(tenant);
    const theirs = openai(bench.url, other);
    const answer = held();
    const { id } = await theirs.responses.create(asked());
    await answer.begun();
    await bench.platform.app.admin('POST', `/keys/${other.id}/revoke?tenant=answering`, {});
    await until('the call is broken off', answer.broken, 2 * limitMs);
    const state = await until('it has ended', async () => {
      const row = await bench.platform.factory.run((tx) => tx.response.findFirst({ where: { id } }));
      return row !== null && ends.includes(row.status) ? row.status : undefined;
    });
    expect(state).toBe('cancelled');
  });
});

describe('a response that waits in the background', () => {
  let other: SeededKey;
  beforeAll(async () => {
    await start();
    other = await bench.platform.factory.key(tenant);
  });
  afterAll(stop);
  beforeEach(() => provider.answerWith(answerOf(message(text))));

  /** No test finds what another one left waiting. */
  afterEach(() => bench.platform.factory.run((tx) => tx.response.deleteMany({})));

  const rowOf = (id: string) => bench.platform.factory.run((tx) => tx.response.findFirstOrThrow({ where: { id } }));
  const endOf = (id: string) =>
    until(`${id} has ended`, async () => {
      const row = await rowOf(id);
      return ends.includes(row.status) ? row : undefined;
    });
  const change = (id: string, data: object) =>
    bench.platform.factory.run((tx) => tx.key.update({ where: { tenantId_id: { tenantId: tenant.id, id } }, data }));

  it('is cancelled at once, and the hundred that may wait count no more', async () => {
    const queued: OpenAI.Responses.Response[] = [];
    // One after the other: a hundred at once are more than a busy machine's database takes.
    while (queued.length < 90) queued.push(await create());
    // Of twenty that come together so many are taken as there is room for.
    const together = await Promise.all(Array.from({ length: 20 }, () => send('POST', '/responses', asked())));
    expect(together.map((reply) => reply.status).sort()).toEqual([...Array(10).fill(200), ...Array(10).fill(429)]);
    const { status, body, headers } = await send('POST', '/responses', asked());
    expect([status, body.error.code, headers.get('retry-after')]).toEqual([429, 'rate_limit_exceeded', '5']);
    expect((await send('POST', '/responses', asked(), other.secret)).status).toBe(200);
    const [first] = queued;
    expect((await client.responses.cancel(first?.id ?? '')).status).toBe('cancelled');
    expect((await create()).status).toBe('queued');
  });

  it('is as old as it was told to be at first, whenever its row was written', async () => {
    const queued = await create();
    await bench.platform.factory.run(
      (tx) => tx.$executeRaw`update background_responses set created_at = now() + interval '5 seconds' where id = ${queued.id}`,
    );
    const worker = await bench.worker();
    expect(await ended(queued.id)).toMatchObject({ status: 'completed', created_at: queued.created_at });
    await worker.kill();
  });

  it('goes on from responses that were deleted while it waited, and so does what comes behind it', async () => {
    const first = await client.responses.create({ model: 'assistant', input: 'One' });
    const waiting = await create({ input: 'Two', previous_response_id: first.id });
    const output = first.output[0]?.id;
    const referring = await create({
      input: [
        { type: 'item_reference', id: output },
        { role: 'user', content: 'Three' },
      ],
    });
    await client.responses.delete(first.id);
    const worker = await bench.worker();
    expect(await ended(waiting.id)).toMatchObject({ status: 'completed', previous_response_id: first.id });
    expect((await ended(referring.id)).status).toBe('completed');
    await worker.kill();
    const inputs = provider.bodies.slice(-2).map((body) => JSON.stringify(body['input']));
    expect(inputs.sort()).toEqual([
      expect.stringMatching(/One.*A long answer.*Two/),
      expect.stringMatching(/A long answer.*Three/),
    ]);
    await client.responses.create({ model: 'assistant', input: 'Four', previous_response_id: waiting.id });
    expect(JSON.stringify(provider.bodies.at(-1)?.['input'])).toMatch(/One.*A long answer.*Two.*A long answer.*Four/);
  });

  it('is judged by its key as that is when a worker takes it', async () => {
    const waiting = async (further: object = {}) => {
      const { id, secret } = await bench.platform.factory.key(tenant);
      const response = (await send('POST', '/responses', asked(further), secret)).body as { id: string };
      return { keyId: id, id: response.id };
    };
    const [revoked, expired, unscoped, unlisted, rotated] = await Promise.all(Array.from({ length: 5 }, () => waiting()));
    if (!revoked || !expired || !unscoped || !unlisted || !rotated) throw new Error('too few');
    await change(revoked.keyId, { state: 'revoked' });
    await change(expired.keyId, { expiresAt: new Date(Date.now() - 1_000) });
    await change(unscoped.keyId, { preset: null, scopes: ['responses:read'] });
    await change(unlisted.keyId, { agents: ['another'] });
    await bench.platform.factory.run((tx) => tx.keySecret.deleteMany({ where: { keyId: rotated.keyId } }));
    const before = provider.bodies.length;
    const worker = await bench.worker();
    const status = async ({ id }: { id: string }) => (await endOf(id)).status;
    expect(await Promise.all([revoked, expired, unscoped, unlisted, rotated].map(status))).toEqual([
      'cancelled',
      'failed',
      'failed',
      'failed',
      'completed',
    ]);
    expect(provider.bodies.length - before).toBe(1);
    const { error } = JSON.parse((await rowOf(unlisted.id)).object) as { error: { message: string } };
    expect(error.message).toMatch(/does not exist or you do not have access/);
    await worker.kill();
  });

  it('fails when its worker stops behind its call', async () => {
    const worker = await bench.worker({ GT_SHUTDOWN_GRACE_MS: '200' });
    const answer = held();
    const { id } = await create();
    await answer.begun();
    expect(await worker.stop()).toBe(0);
    expect(await ended(id)).toMatchObject({ status: 'failed', error: { code: 'server_error' } });
    expect(answer.broken()).toBe(true);
  });

  it('is kept with events of exactly 16 MiB, and fails with one byte more', async () => {
    const worker = await bench.worker();
    const last = eventsOf([message(text)]);
    const paddedBy = async (bytes: number) => {
      const each = Math.floor(bytes / 16);
      provider.answerWith((_body, response) => {
        const padding = Array.from({ length: 16 }, (_none, at) => ({
          type: 'response.output_text.delta',
          item_id: `m${at}`,
          output_index: at + 1,
          content_index: 0,
          delta: 'x'.repeat(at === 0 ? bytes - 15 * each : each),
        }));
        sendEvents(response, [...last.slice(0, -1), ...padding, ...last.slice(-1)]);
      });
      const { id } = await create();
      const { status, error } = await ended(id);
      const row = await bench.platform.factory.run((tx) => tx.backgroundResponse.findFirstOrThrow({ where: { id } }));
      return { id, outcome: [status, error?.code], bytes: row.eventBytes };
    };
    const most = 16 * 1024 * 1024;
    const usual = await paddedBy(1024 * 1024);
    const free = most - usual.bytes;
    const full = await paddedBy(1024 * 1024 + free);
    expect([full.outcome, full.bytes]).toEqual([['completed', undefined], most]);
    expect((await replay(full.id)).at(-1)?.type).toBe('response.completed');
    expect((await paddedBy(1024 * 1024 + free + 1)).outcome).toEqual(['failed', 'server_error']);
    await worker.kill();
  });

  it('fails when its events are more than are kept', async () => {
    const worker = await bench.worker();
    const chunk = 'x'.repeat(1024 * 1024);
    let isBroken = false;
    provider.answerWith((_body, response) => {
      response.once('close', () => (isBroken = !response.writableFinished));
      response.setHeader('content-type', 'text/event-stream');
      for (let at = 0; at < 18; at += 1) {
        const event = { type: 'response.output_text.delta', item_id: `m${at}`, output_index: at, content_index: 0, delta: chunk };
        response.write(`event: response.output_text.delta\ndata: ${JSON.stringify(event)}\n\n`);
      }
    });
    const { id } = await create();
    expect(await ended(id)).toMatchObject({ status: 'failed', error: { code: 'server_error' } });
    await until('the call is broken off', () => isBroken);
    const { eventBytes } = await bench.platform.factory.run((tx) => tx.backgroundResponse.findFirstOrThrow({ where: { id } }));
    expect(eventBytes).toBeLessThan(16 * 1024 * 1024 + 4096);
    await worker.kill();
  });
});

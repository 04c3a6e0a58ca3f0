import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startBatchProvider, usualAnswer, type BatchProvider } from '../support/batch-provider.js';
import { BatchBench, chatLine, chatLines, type OutputLine } from '../support/batches.js';
import { faultsOf } from '../support/openai-schema.js';
import { openai } from '../support/relay.js';
import { until } from '../support/until.js';

let bench: BatchBench<BatchProvider>;
let provider: BatchProvider;

beforeAll(async () => {
  provider = await startBatchProvider();
  const agent = { instructions: 'Be kind.', parameters: { temperature: 0.5 }, batches: 'provider' };
  bench = await BatchBench.over(provider, agent, { GT_BATCH_POLL_MS: '100' });
  await bench.rows(
    `insert into tenant_prices values ($1, 'tpr_1', $2, '*', to_timestamp(0), 'USD', $3::jsonb, 500)`,
    ...[bench.tenant.id, bench.tenant.connectionId, '{"input": 2000000, "output": 4000000, "batch_discount": 500}'],
  );
  await bench.files.worker();
});
afterAll(() => bench.close());
beforeEach(() => provider.reset());

const customIds = (lines: readonly OutputLine[]): string[] => lines.map(({ custom_id: id }) => id);
const theirs = /theirs|sandbox-chat|org-|127\.0\.0\.1/;
const usage = async (keyId: string): Promise<Record<string, unknown>[]> =>
  bench.rows('select * from usage_events where key_id = $1 order by id', keyId);
const cleared = (id: string): Promise<boolean> =>
  until(
    `nothing of ${id} is left`,
    async () => (await bench.rows<{ cleared: boolean }>('select cleared from batches where id = $1', id))[0]?.cleared ?? false,
  );
const ownKey = () => bench.files.platform.factory.key(bench.tenant);

describe('a batch that its provider makes', () => {
  it('is given on as one batch, and comes back with the names of the platform, in order, booked once', async () => {
    const key = await ownKey();
    const client = openai(bench.files.url, key);
    const made = await bench.create(chatLines(300), { client, metadata: { night: 'yes' } });
    const batch = await bench.ended(made.id, client);
    expect(batch).toMatchObject({
      status: 'completed',
      request_counts: { total: 300, completed: 300, failed: 0 },
      metadata: { night: 'yes' },
    });
    expect(batch).toMatchObject({ usage: { input_tokens: 900, output_tokens: 600, total_tokens: 1_500 } });
    expect(faultsOf('Batch', batch)).toEqual([]);
    expect(batch.error_file_id).toBeUndefined();
    const [given] = provider.batches;
    expect([provider.batches.length, provider.live.length]).toEqual([1, 0]);
    expect(given).toMatchObject({ endpoint: '/v1/chat/completions', metadata: { gt_batch: batch.id } });
    const lines = given === undefined ? [] : provider.linesOf(given);
    expect(lines.map(({ custom_id: id }) => id)).toEqual(Array.from({ length: 300 }, (_one, at) => String(at + 1)));
    expect(lines[7]).toMatchObject({
      method: 'POST',
      url: '/v1/chat/completions',
      body: {
        model: 'sandbox-chat',
        temperature: 0.5,
        messages: [
          { role: 'system', content: 'Be kind.' },
          { role: 'user', content: 'Say 7' },
        ],
      },
    });
    const output = await bench.lines(batch.output_file_id, client);
    expect(customIds(output)).toEqual(Array.from({ length: 300 }, (_one, at) => `line-${at}`));
    expect(output[7]?.response).toMatchObject({
      status_code: 200,
      body: { object: 'chat.completion', model: 'assistant', choices: [{ message: { content: 'Answer to Say 7' } }] },
    });
    expect(JSON.stringify([batch, output])).not.toMatch(theirs);
    const rows = await until('all calls are booked', async () => {
      const found = await usage(key.id);
      return found.length === 300 ? found : undefined;
    });
    expect(rows.map(({ request_id: id }) => id).sort()).toEqual(output.map(({ response }) => response?.request_id).sort());
    expect(rows[0]).toMatchObject({
      route: 'chat.completions.create',
      endpoint: 'assistant',
      connection_id: bench.tenant.connectionId,
      model: 'sandbox-chat',
      state: 'completed',
      source: 'upstream',
      input_tokens: 3,
      output_tokens: 2,
      provider_batch: true,
      // Half of what the tokens cost otherwise, and half of it put on.
      ...{ cost: 7n, charge: 11n, currency: 'USD' },
    });
    await cleared(batch.id);
    expect([...provider.files.keys()]).toEqual([]);
  });

  it('is not made of what a budget has no room for', async () => {
    const key = await ownKey();
    const client = openai(bench.files.url, key);
    await bench.rows(
      `insert into budgets (tenant_id, id, key_id, span, currency, amount) values ($1, 'bud_spent', $2, 'day', null, 5)`,
      ...[bench.tenant.id, key.id],
    );
    const { id } = await bench.create(chatLines(3), { client });
    const batch = await bench.ended(id, client);
    expect(batch).toMatchObject({ request_counts: { total: 3, completed: 0, failed: 3 } });
    const errors = await bench.lines(batch.error_file_id, client);
    expect(errors.map(({ error, response }) => JSON.stringify([error, response]))).toEqual(
      Array.from({ length: 3 }, () => expect.stringContaining('insufficient_quota')),
    );
    expect(provider.batches).toEqual([]);
    expect(await usage(key.id)).toEqual([]);
  });

  it('shows the states and counts of the provider', async () => {
    provider.goesOn(false);
    const { id } = await bench.create(chatLines(4));
    const given = await until('the provider has it', () => Promise.resolve(provider.batches[0]));
    expect((await bench.client.batches.retrieve(id)).status).toBe('validating');
    given.status = 'in_progress';
    given.request_counts = { total: 4, completed: 2, failed: 1 };
    await until('it is in progress', async () => {
      const batch = await bench.client.batches.retrieve(id);
      return batch.request_counts?.completed === 2 && batch;
    }).then((batch) =>
      expect(batch).toMatchObject({ status: 'in_progress', request_counts: { total: 4, completed: 2, failed: 1 } }),
    );
    given.status = 'finalizing';
    await until('it is finalizing', async () => (await bench.client.batches.retrieve(id)).status === 'finalizing');
    provider.goesOn(true);
    expect(await bench.ended(id)).toMatchObject({ status: 'completed', request_counts: { total: 4, completed: 4, failed: 0 } });
  });

  it('has one line for each request over both files, whatever becomes of it', async () => {
    provider.answerWith((line) => {
      const said = String((line.body['messages'] as { content: string }[]).at(-1)?.content);
      const error = {
        message: `No sandbox-chat in ${provider.batches[0]?.id} of org-abc123`,
        type: 'invalid_request_error',
        param: 'messages',
        code: 'bad',
      };
      if (said === 'refused') return { status: 400, body: { error } };
      if (said === 'busy') return { status: 429, body: { error } };
      if (said === 'broken') return { status: 200, body: { choices: 7 } };
      if (said === 'expired') return { error: { code: 'batch_expired', message: 'This request could not be executed.' } };
      return said === 'left out' ? undefined : usualAnswer(line);
    });
    const lines = [
      ...['good-1', 'refused', 'busy', 'left out', 'expired', 'good-2'].map((name) => chatLine(name)),
      chatLine('stream', 'x', { stream: true }),
      chatLine('odd', 'x', { messages: 7 }),
    ];
    const batch = await bench.ended((await bench.create(lines)).id);
    const [output, errors] = [await bench.lines(batch.output_file_id), await bench.lines(batch.error_file_id)];
    expect(customIds(output)).toEqual(['good-1', 'good-2']);
    expect(customIds(errors)).toEqual(['refused', 'busy', 'left out', 'expired', 'stream', 'odd']);
    const [given] = provider.batches;
    expect((given === undefined ? [] : provider.linesOf(given)).map(({ custom_id: id }) => id)).toEqual([
      '1',
      '2',
      '3',
      '4',
      '5',
      '6',
    ]);
    const said = new Map(
      errors.map((line) => [line.custom_id, [line.response?.status_code, line.response?.body.error?.code ?? line.error?.code]]),
    );
    expect(said.get('refused')).toEqual([400, 'bad']);
    expect(said.get('busy')).toEqual([502, 'upstream_error']);
    expect(said.get('left out')).toEqual([undefined, 'internal_error']);
    expect(said.get('expired')).toEqual([undefined, 'batch_expired']);
    expect(said.get('stream')).toEqual([400, 'unsupported_parameter']);
    expect(said.get('odd')?.[0]).toBe(400);
    expect(JSON.stringify([batch, output, errors])).not.toMatch(theirs);
    expect(batch.request_counts).toEqual({ total: 8, completed: 2, failed: 6 });
  });
});

describe('the guardrails of a key', () => {
  it('ask their moderation model before a request is given on, and not in its place', async () => {
    const { factory, app } = bench.files.platform;
    const on = (model: string) => ({ connection: bench.tenant.connectionId, model });
    await factory.alias(bench.tenant, 'moderated', {
      models: { chat: on('sandbox-chat'), moderate: on('judge') },
      batches: 'provider',
    });
    const made = await app.admin('POST', '/keys', {
      tenant: 'batching',
      name: 'moderating',
      preset: 'platform-automation',
      agents: ['*'],
      prompt_policy: { guardrails: [{ module: 'moderation' }] },
    });
    const client = openai(bench.files.url, made.body as { id: string; secret: string });
    const lines = [chatLine('a', 'a spoon', { model: 'moderated' }), chatLine('b', 'a knife', { model: 'moderated' })];
    const batch = await bench.ended((await bench.create(lines, { client })).id, client);
    expect(provider.live).toEqual([expect.objectContaining({ model: 'judge' }), expect.objectContaining({ model: 'judge' })]);
    const [given] = provider.batches;
    expect(given?.endpoint).toBe('/v1/chat/completions');
    expect(customIds(await bench.lines(batch.output_file_id, client))).toEqual(['a']);
    const errors = await bench.lines(batch.error_file_id, client);
    expect(errors.map(({ custom_id: id, response }) => [id, response?.body.error?.code])).toEqual([['b', 'content_policy']]);
  });

  it('judge each request before it is given on, and each answer when it comes back', async () => {
    const promptPolicy = {
      guardrails: [
        { module: 'blocked_terms', terms: ['forbidden'], on: 'both' },
        { module: 'pii', action: 'mask', kinds: ['email'], restore: true },
      ],
    };
    const made = await bench.files.platform.app.admin('POST', '/keys', {
      tenant: 'batching',
      name: 'guarded',
      preset: 'platform-automation',
      agents: ['*'],
      prompt_policy: promptPolicy,
    });
    const key = made.body as { id: string; secret: string };
    const client = openai(bench.files.url, key);
    provider.answerWith((line) => {
      const said = String((line.body['messages'] as { content: string }[]).at(-1)?.content);
      return said === 'tell'
        ? {
            ...usualAnswer(line),
            status: 200,
            body: {
              ...(usualAnswer(line) as { body: object }).body,
              choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: 'forbidden words' } }],
            },
          }
        : usualAnswer(line);
    });
    const lines = [chatLine('a', 'forbidden'), chatLine('b', 'I am me@example.com'), chatLine('c', 'tell')];
    const batch = await bench.ended((await bench.create(lines, { client })).id, client);
    const [given] = provider.batches;
    const texts = JSON.stringify(given === undefined ? [] : provider.linesOf(given));
    expect(texts).not.toMatch(/forbidden|me@example/);
    expect(texts).toMatch(/EMAIL_/);
    const output = await bench.lines(batch.output_file_id, client);
    expect(customIds(output)).toEqual(['b']);
    expect(JSON.stringify(output)).toContain('Answer to I am me@example.com');
    const errors = await bench.lines(batch.error_file_id, client);
    expect(errors.map(({ custom_id: id, response }) => [id, response?.status_code, response?.body.error?.code])).toEqual([
      ['a', 400, 'content_policy'],
      ['c', 400, 'content_policy'],
    ]);
    // What was answered is booked, what was refused before is not.
    await until('the calls are booked', async () => (await usage(key.id)).length === 2);
  });
});

describe('the platform makes a batch itself', () => {
  const expectHere = async (lines: readonly object[], calls = lines.length): Promise<void> => {
    const batch = await bench.ended((await bench.create(lines)).id);
    expect(batch).toMatchObject({ status: 'completed', request_counts: { total: lines.length, completed: lines.length } });
    expect([provider.batches.length, provider.live.length]).toEqual([0, calls]);
    expect([...provider.files.keys()]).toEqual([]);
  };

  it('whose requests name several agents', async () => {
    await bench.files.platform.factory.alias(bench.tenant, 'other', { batches: 'provider' });
    await expectHere([chatLine('a'), chatLine('b', 'b', { model: 'other' })]);
  });

  it('whose requests all name one agent that does not want it otherwise', async () => {
    await bench.files.platform.factory.alias(bench.tenant, 'plain');
    await expectHere(['a', 'b'].map((id) => chatLine(id, id, { model: 'plain' })));
  });

  it('some of whose requests continue a conversation', async () => {
    await bench.files.platform.factory.alias(bench.tenant, 'talking', { batches: 'provider', sessions: true });
    await expectHere([chatLine('a', 'a', { model: 'talking' }), chatLine('b', 'b', { model: 'talking', user: 'me' })]);
  });

  it('whose provider has no batches after all', async () => {
    provider.fail(/POST \/batches/, 404);
    await expectHere(chatLines(3));
  });
});

describe('a batch at its provider ends', () => {
  it('when it is cancelled: what is done is kept', async () => {
    provider.goesOn(false);
    const { id } = await bench.create(chatLines(4));
    const given = await until('the provider has it', () => Promise.resolve(provider.batches[0]));
    given.status = 'in_progress';
    await until('it is in progress', async () => (await bench.client.batches.retrieve(id)).status === 'in_progress');
    expect((await bench.client.batches.cancel(id)).status).toBe('cancelling');
    await until('the provider is told', () => Promise.resolve(given.status === 'cancelling'), 40_000);
    provider.answerWith((line, place) => (place < 2 ? usualAnswer(line) : { error: { code: 'batch_cancelled', message: 'x' } }));
    provider.end(given.id, 'cancelled');
    const batch = await bench.ended(id);
    expect(batch).toMatchObject({ status: 'cancelled', request_counts: { total: 4, completed: 2, failed: 2 } });
    const errors = await bench.lines(batch.error_file_id);
    expect(errors.map(({ error }) => error?.code)).toEqual(['batch_cancelled', 'batch_cancelled']);
  }, 60_000);

  it('when its window is over, with what is done', async () => {
    provider.goesOn(false);
    const { id } = await bench.create(chatLines(3));
    const given = await until('the provider has it', () => Promise.resolve(provider.batches[0]));
    given.status = 'in_progress';
    await bench.sql(`update batches set window_ends_at = now() where id = $1`, id);
    await until('the provider is told', () => Promise.resolve(given.status === 'cancelling'), 40_000);
    provider.answerWith((line, place) => (place === 0 ? usualAnswer(line) : undefined));
    provider.end(given.id, 'cancelled');
    const batch = await bench.ended(id);
    expect(batch).toMatchObject({ status: 'expired', request_counts: { total: 3, completed: 1, failed: 2 } });
    expect((await bench.lines(batch.error_file_id)).map(({ error }) => error?.code)).toEqual(['batch_expired', 'batch_expired']);
  }, 60_000);

  it('an hour later also where the provider tells of no end', async () => {
    provider.goesOn(false);
    const { id } = await bench.create(chatLines(2));
    const given = await until('the provider has it', () => Promise.resolve(provider.batches[0]));
    given.status = 'in_progress';
    await bench.sql(`update batches set window_ends_at = now() - interval '2 hours' where id = $1`, id);
    expect(await bench.ended(id)).toMatchObject({ status: 'expired', request_counts: { total: 2, completed: 0, failed: 2 } });
  }, 60_000);

  it('as expired where the provider says so', async () => {
    provider.goesOn(false);
    const { id } = await bench.create(chatLines(2));
    const given = await until('the provider has it', () => Promise.resolve(provider.batches[0]));
    provider.answerWith((line, place) => (place === 0 ? usualAnswer(line) : undefined));
    provider.end(given.id, 'expired');
    expect(await bench.ended(id)).toMatchObject({ status: 'expired', request_counts: { total: 2, completed: 1, failed: 1 } });
  });

  it('as failed with what the provider has found wrong, in our words and with our numbers', async () => {
    provider.goesOn(false);
    const { id } = await bench.create([chatLine('no', 'x', { stream: true }), ...chatLines(3)]);
    const given = await until('the provider has it', () => Promise.resolve(provider.batches[0]));
    const message = `Line 2 of ${given.input_file_id} in ${given.id}: sandbox-chat of org-abc123 takes no such thing.`;
    given.errors = { object: 'list', data: [{ code: 'invalid_request', line: 2, message, param: 'body.n' }] };
    given.status = 'failed';
    const batch = await bench.ended(id);
    expect(batch.status).toBe('failed');
    expect(batch.errors?.data).toMatchObject([{ code: 'invalid_request', line: 3, param: 'body.n' }]);
    expect(JSON.stringify(batch)).not.toMatch(/theirs|sandbox-chat|org-abc/);
    await cleared(id);
    expect([...provider.files.keys()]).toEqual([]);
    expect(await bench.rows('select 1 from content_holds')).toEqual([]);
  });

  it('when its key is revoked: what is left ends with that, and what was made is booked', async () => {
    const key = await ownKey();
    const client = openai(bench.files.url, key);
    provider.goesOn(false);
    const { id } = await bench.create(chatLines(3), { client });
    const given = await until('the provider has it', () => Promise.resolve(provider.batches[0]));
    given.status = 'in_progress';
    await bench.files.platform.app.admin('POST', `/keys/${key.id}/revoke?tenant=batching`, {});
    await until('the provider is told', () => Promise.resolve(given.status === 'cancelling'), 40_000);
    provider.answerWith((line, place) => (place === 0 ? usualAnswer(line) : undefined));
    provider.end(given.id, 'cancelled');
    const batch = await bench.ended(id);
    expect(batch).toMatchObject({ status: 'completed', request_counts: { total: 3, completed: 0, failed: 3 } });
    const codes = (await bench.lines(batch.error_file_id)).map(({ error }) => error?.code);
    expect(codes).toEqual(['invalid_api_key', 'invalid_api_key', 'invalid_api_key']);
    await until('the call is booked', async () => (await usage(key.id)).length === 1);
    expect((await usage(key.id))[0]).toMatchObject({ total_tokens: 5, provider_batch: true, state: 'interrupted' });
  }, 60_000);
});

it('a provider that fails now and then gets one batch, and its answers come once', async () => {
  provider.fail(/POST \/files/, 503);
  provider.fail(/POST \/files/, 'after');
  provider.fail(/POST \/batches$/, 'after');
  provider.fail(/GET \/batches\?/, 500);
  provider.fail(/GET \/batches\/.*/, 'cut');
  provider.fail(/GET \/files\/.*\/content/, 500);
  provider.fail(/DELETE \/files/, 500);
  const key = await ownKey();
  const client = openai(bench.files.url, key);
  const batch = await bench.ended((await bench.create(chatLines(5), { client })).id, client);
  expect(batch).toMatchObject({ status: 'completed', request_counts: { total: 5, completed: 5, failed: 0 } });
  expect(provider.batches).toHaveLength(1);
  await cleared(batch.id);
  expect([...provider.files.keys()]).toEqual([]);
  await until('all calls are booked', async () => (await usage(key.id)).length === 5);
}, 60_000);

it('responses are given on too, and kept here where they are to be', async () => {
  const line = (id: string, further: object = {}) => ({
    custom_id: id,
    method: 'POST',
    url: '/v1/responses',
    body: { model: 'assistant', input: `Hi ${id}`, ...further },
  });
  const made = await bench.create([line('kept'), line('passing', { store: false })], { endpoint: '/v1/responses' });
  const batch = await bench.ended(made.id);
  expect(batch).toMatchObject({ status: 'completed', request_counts: { completed: 2 }, usage: { total_tokens: 10 } });
  expect([provider.batches.length, provider.live.length]).toEqual([1, 0]);
  const [given] = provider.batches;
  for (const { body } of given === undefined ? [] : provider.linesOf(given)) expect(body).toMatchObject({ store: false });
  const output = await bench.lines(batch.output_file_id);
  expect(JSON.stringify(output)).not.toMatch(theirs);
  const [kept, passing] = output.map(({ response }) => String(response?.body['id']));
  expect(kept).toMatch(/^resp_/);
  expect((await bench.client.responses.retrieve(kept ?? '')).output_text).toContain('Hi kept');
  await expect(bench.client.responses.retrieve(passing ?? '')).rejects.toMatchObject({ status: 404 });
});

it('embeddings are given on too', async () => {
  const lines = ['a', 'b'].map((id) => ({
    custom_id: id,
    method: 'POST',
    url: '/v1/embeddings',
    body: { model: 'assistant', input: id },
  }));
  const batch = await bench.ended((await bench.create(lines, { endpoint: '/v1/embeddings' })).id);
  expect(batch).toMatchObject({ status: 'completed', request_counts: { completed: 2 } });
  expect(provider.batches[0]).toMatchObject({ endpoint: '/v1/embeddings' });
  expect((await bench.lines(batch.output_file_id))[1]?.response?.body).toMatchObject({ object: 'list', model: 'assistant' });
});

import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import OpenAI from 'openai';
import { Metrics } from '../../src/observability/metrics.js';
import { tokenOf } from '../support/admin.js';
import { startApiProcess, type ApiProcess } from '../support/api-process.js';
import { sandboxToken, startPlatform, type KeyOptions, type TestPlatform } from '../support/platform.js';
import { runFolder } from '../support/postgres.js';
import { describeWithRedis, startRedis, type TestRedis } from '../support/redis.js';
import { until } from '../support/until.js';

const hello = { model: 'assistant', messages: [{ role: 'user', content: 'hello' }], max_tokens: 20 };

/** What holds for two API processes together, wherever limits are kept. */
function guarantees(settings: () => Readonly<Record<string, string>>): void {
  let platform: TestPlatform;
  let second: ApiProcess;
  let bases: readonly string[];

  beforeAll(async () => {
    platform = await startPlatform({ settings: settings() });
    second = await startApiProcess({
      databaseUrl: platform.app.databaseUrl,
      dataDir: mkdtempSync(join(runFolder(), 'second-')),
      settings: settings(),
    });
    bases = [platform.app.baseUrl, second.baseUrl];
  });
  afterAll(async () => {
    await second.stop();
    await platform.close();
  });

  const keyWith = (limits: object, options: KeyOptions = {}) => platform.factory.key(platform.acme, { ...options, limits });

  async function ask(secret: string, at = 0, body: object = hello, signal?: AbortSignal): Promise<Response> {
    return fetch(`${bases[at % 2]}/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
      ...(signal === undefined ? {} : { signal }),
    });
  }

  /** The statuses of so many calls at once, over both processes. */
  async function statuses(secret: string, calls: number, body: object = hello): Promise<number[]> {
    const replies = await Promise.all(Array.from({ length: calls }, (_none, at) => ask(secret, at, body)));
    await Promise.all(replies.map((reply) => reply.text()));
    return replies.map(({ status }) => status);
  }

  const passed = (all: readonly number[]): number => all.filter((status) => status === 200).length;

  /** What a limit a minute lets through at most since then. */
  const atMost = (limit: number, fromMs: number): number => limit + Math.ceil(((performance.now() - fromMs) * limit) / 60_000);

  it.each([15, 70])('requests a minute of a key: of calls at once on both, %s come through', async (limit) => {
    const key = await keyWith({ requests_per_minute: limit });
    const fromMs = performance.now();
    const all = await statuses(key.secret, limit * 2);
    expect(new Set(all)).toEqual(new Set([200, 429]));
    expect(passed(all)).toBeGreaterThanOrEqual(limit);
    expect(passed(all)).toBeLessThanOrEqual(atMost(limit, fromMs));
  });

  it('tells what is left on every reply, and on a refusal when to try again, as OpenAI does', async () => {
    const key = await keyWith({ requests_per_minute: 2, tokens_per_minute: 100_000 });
    const first = await ask(key.secret);
    await first.text();
    expect(Object.fromEntries([...first.headers].filter(([name]) => name.startsWith('x-ratelimit-')))).toEqual({
      'x-ratelimit-limit-requests': '2',
      'x-ratelimit-remaining-requests': '1',
      'x-ratelimit-reset-requests': expect.stringMatching(/^[\d.]+m?s$/),
      'x-ratelimit-limit-tokens': '100000',
      'x-ratelimit-remaining-tokens': expect.stringMatching(/^\d+$/),
      'x-ratelimit-reset-tokens': expect.stringMatching(/^[\d.]+m?s$/),
    });
    await (await ask(key.secret, 1)).text();
    const refused = await ask(key.secret);
    const { error } = (await refused.json()) as { error: { message: string } };
    expect([refused.status, error]).toEqual([
      429,
      {
        type: 'requests',
        code: 'rate_limit_exceeded',
        param: null,
        message: expect.stringMatching(
          /^Rate limit reached for requests of this API key per min: Limit 2, Used 2, Requested 1\. Please try again in \d+s\.$/,
        ),
      },
    ]);
    expect(refused.headers.get('x-ratelimit-remaining-requests')).toBe('0');
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(Number(refused.headers.get('retry-after-ms'))).toBeGreaterThan(0);
    const client = new OpenAI({ apiKey: key.secret, baseURL: bases[0], maxRetries: 0 });
    await expect(client.models.list()).rejects.toBeInstanceOf(OpenAI.RateLimitError);
  });

  it('an endpoint and the ceiling of a tenant have limits too, and owners cannot raise the ceiling', async () => {
    const { body: tenant } = await platform.app.admin('POST', '/tenants', { slug: 'ceiled', name: 'Ceiled' });
    const create = async (path: string, body: object) => {
      const reply = await platform.app.admin('POST', path, { tenant: tenant.slug, ...body });
      expect(reply.status).toBe(201);
      return reply.body;
    };
    await create('/connections', {
      name: 'main',
      base_url: `${platform.sandbox.url}/v1`,
      auth: { mode: 'header_token', token: sandboxToken },
    });
    const rawModel = { connection: 'main', model: 'm' };
    const endpoint = await create('/endpoints', { name: 'narrow', raw_model: rawModel, limits: { requests_per_minute: 3 } });
    expect(endpoint.limits).toEqual({ requests_per_minute: 3, tokens_per_minute: null, parallel_requests: null });
    await create('/endpoints', { name: 'wide', raw_model: rawModel });
    const ceiling = { requests_per_minute: 20 };
    const { body: changed } = await platform.app.admin('PATCH', `/tenants/${tenant.id}`, { ceiling });
    expect(changed.ceiling).toMatchObject(ceiling);
    const owner = await tokenOf(platform.app, tenant.slug, 'owner');
    const raised = await platform.app.admin('PATCH', `/tenants/${tenant.id}`, { ceiling: {} }, owner);
    expect([raised.status, raised.body.error?.code]).toEqual([403, 'insufficient_role']);
    const key = await create('/keys', { name: 'k', preset: 'openai-chat-client', raw_models: ['*'] });
    const fromMs = performance.now();
    const narrow = await statuses(key.secret, 8, { ...hello, model: 'narrow' });
    expect(passed(narrow)).toBeGreaterThanOrEqual(3);
    expect(passed(narrow)).toBeLessThanOrEqual(atMost(3, fromMs));
    let all = passed(narrow);
    // What the endpoint has refused is given back to the ceiling at once.
    await until('the rest of the ceiling is spent', async () => {
      all += passed(await statuses(key.secret, 2, { ...hello, model: 'wide' }));
      return all >= 20;
    });
    expect(all).toBeLessThanOrEqual(atMost(20, fromMs) + 1);
  });

  it('tokens a minute: what is reserved and not used comes back when the call ends', async () => {
    const key = await keyWith({ tokens_per_minute: 6_000 });
    const one = await ask(key.secret, 0, { ...hello, max_tokens: 5_000 });
    await one.text();
    await until('it has come back', async () => {
      const reply = await ask(key.secret, 1, { ...hello, max_tokens: 5_000 });
      await reply.text();
      return reply.status === 200;
    });
    const large = await ask(key.secret, 0, { ...hello, max_tokens: 6_001 });
    expect([
      large.status,
      ((await large.json()) as { error: { type: string } }).error.type,
      large.headers.get('x-should-retry'),
    ]).toEqual([429, 'tokens', 'false']);
    const several = await ask(key.secret, 0, { ...hello, n: 3, max_tokens: 2_001 });
    expect([several.status, several.headers.get('x-should-retry')]).toEqual([429, 'false']);
    const parallel = await statuses(key.secret, 6, { ...hello, max_tokens: 5_000 });
    expect(passed(parallel)).toBeLessThanOrEqual(6);
  });

  it('are told with what is left, to the key itself and to the admin plane', async () => {
    const { id, secret } = await keyWith({
      requests_per_minute: 10,
      parallel_requests: 4,
      uploads_per_day: 3,
      stored_bytes: 1_000,
    });
    await statuses(secret, 4);
    const report = await platform.app.admin('GET', `/keys/${id}/limits?tenant=acme`);
    const left = expect.any(Number) as unknown as number;
    const expected = [
      { limit: 'requests_per_minute', most: 10, left, full_in_seconds: expect.any(Number) },
      { limit: 'parallel_requests', most: 4, left, full_in_seconds: null },
      { limit: 'uploads_per_day', most: 3, left: 3, full_in_seconds: null },
      { limit: 'stored_bytes', most: 1_000, left: 1_000, full_in_seconds: null },
    ].map((one) => ({ ...one, of: 'key', name: id }));
    expect([report.status, report.body]).toEqual([200, { object: 'list', key: id, data: expected, budgets: [] }]);
    expect(report.body.data[0].left).toBeLessThan(7);
    const own = await fetch(`${bases[1]}/key`, { headers: { authorization: `Bearer ${secret}` } });
    const { limit_states: states } = (await own.json()) as { limit_states: { left: number }[] };
    // The question itself is a request.
    expect(states).toEqual(expected);
    const metrics = platform.app.running.app.get(Metrics, { strict: false });
    expect(await metrics.registry.metrics()).toMatch(/gt_limit_refusals_total\{limit="requests",of="key"\} \d+/);
  });

  it('parallel requests: no more than so many run; a client that leaves and a process that is killed give theirs back', async () => {
    const key = await keyWith({ parallel_requests: 2 });
    const hanging = { ...hello, stream: true, messages: [{ role: 'user', content: 'hello [[hang]]' }] };
    const leaving = new AbortController();
    const open = await Promise.all([ask(key.secret, 0, hello), ask(key.secret, 1, hello)]);
    await Promise.all(open.map((reply) => reply.text()));
    const held = [ask(key.secret, 0, hanging, leaving.signal), ask(key.secret, 1, hanging)].map((call) =>
      call.catch(() => undefined),
    );
    await until('both run', async () => (await ask(key.secret, 0)).status === 429);
    leaving.abort();
    await until('one is free', async () => (await ask(key.secret, 1)).status === 200);
    await second.kill();
    await Promise.all(held);
    const slow = { ...hello, messages: [{ role: 'user', content: 'hello [[slow:300]]' }] };
    await until(
      'the killed one has given its place back',
      async () => {
        const both = await Promise.all([ask(key.secret, 0, slow), ask(key.secret, 0, slow)]);
        return both.every(({ status }) => status === 200);
      },
      20_000,
    );
  });
}

describe('limits of two API processes, kept in Postgres', () => {
  guarantees(() => ({}));
});

describeWithRedis('limits of two API processes, kept in Redis', () => {
  let redis: TestRedis;
  beforeAll(async () => {
    redis = await startRedis();
  });
  guarantees(() => ({ REDIS_URL: redis.url }));
  afterAll(() => redis.stop());

  it('go on while Redis is away, and /readyz says so', async () => {
    const platform = await startPlatform({ settings: { REDIS_URL: redis.url } });
    const { secret } = await platform.factory.key(platform.acme, { limits: { requests_per_minute: 100 } });
    const ask = async () =>
      (await fetch(`${platform.app.baseUrl}/models`, { headers: { authorization: `Bearer ${secret}` } })).status;
    const limits = async () =>
      ((await (await fetch(`${platform.app.url}/readyz`)).json()) as { checks: { limits: { ok: boolean } } }).checks.limits;
    expect(await ask()).toBe(200);
    expect(await limits()).toEqual({ ok: true });
    await redis.stop('SIGKILL');
    await until('calls go on without it', async () => (await ask()) === 200 && !(await limits()).ok);
    await redis.start();
    await until('it is back', async () => (await ask()) === 200 && (await limits()).ok);
    await platform.close();
  });
});

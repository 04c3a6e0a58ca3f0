import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { requestDetails, requestObject, type RequestDetails, type RequestObject } from '../../src/contracts/requests.js';
import { readEvents } from '../../src/contracts/event-text.js';
import { RequestDaysService } from '../../src/modules/request-log/request-days.service.js';
import { startApp, type TestApp } from '../support/app.js';
import { tokenOf } from '../support/admin.js';
import { runCli } from '../support/cli.js';
import { startPlatform, type KeyOptions, type SeededKey, type SeededTenant, type TestPlatform } from '../support/platform.js';
import { post, until, user } from '../support/relay.js';
import { openSocket } from '../support/response-socket.js';
import { TcpProxy } from '../support/tcp-proxy.js';

let platform: TestPlatform;
let other: SeededTenant;

beforeAll(async () => {
  platform = await startPlatform();
  other = await platform.factory.tenant('other', `${platform.sandbox.url}/v1`);
});
afterAll(() => platform.close());

const newKey = (options: KeyOptions = {}, tenant = platform.acme): Promise<SeededKey> => platform.factory.key(tenant, options);

/** Calls and gives the id of the request when the answer is over. */
async function ask(key: SeededKey, path: string, body?: object, at: TestApp = platform.app): Promise<string> {
  const headers = { 'user-agent': 'a test "agent"' };
  const url = at.baseUrl + path;
  const response =
    body === undefined
      ? await fetch(url, { headers: { authorization: `Bearer ${key.secret}`, ...headers } })
      : await post({ url, secret: key.secret, body, headers });
  await response.text();
  return response.headers.get('x-gt-request-id') ?? '';
}

const chat = (prompt: string, further: object = {}): object => ({ model: 'raw-chat', messages: [user(prompt)], ...further });

async function logged(query: string): Promise<RequestObject[]> {
  const { status, body } = await platform.app.admin('GET', `/requests?tenant=acme&limit=100&${query}`);
  expect(status).toBe(200);
  return requestObject.array().parse(body.data);
}

/** The calls of a key when so many are logged, the oldest first. */
const callsOf = (key: SeededKey, many: number): Promise<RequestObject[]> =>
  until(`${many} calls are logged`, async () => {
    const rows = await logged(`key=${key.id}&order=asc`);
    return rows.length >= many && rows;
  });

const detailsOf = (id: string): Promise<RequestDetails> =>
  until(`${id} is logged`, async () => {
    const { status, body } = await platform.app.admin('GET', `/requests/${id}?tenant=acme`);
    return status === 200 && requestDetails.parse(body);
  });

describe('a call that was answered', () => {
  it('is logged with what it took, by the id that its client was told', async () => {
    const key = await newKey();
    const id = await ask(key, '/chat/completions', chat('hello there'));
    const details = await detailsOf(id);
    expect(details).toMatchObject({
      ...{ id, key: key.id, key_name: key.id, method: 'POST', route: 'chat.completions.create', endpoint: 'raw-chat' },
      ...{ status: 200, error_code: null, aborted: false, first_token_ms: null, count: 1, charge: null },
      ...{ client_address: '127.0.0.1', client_agent: 'a test "agent"' },
    });
    expect(details.timeline.map(({ step }) => step)).toEqual(['arrived', 'let_in', 'sent', 'ended']);
    const times = details.timeline.map(({ at_ms: at }) => at);
    expect(times).toEqual(times.toSorted((one, next) => one - next));
    const [tried, ...further] = details.calls;
    expect([tried?.request_id, tried?.total_tokens, further]).toEqual([id, details.total_tokens, []]);
    expect(details.total_tokens).toBe(details.input_tokens + details.output_tokens);
    expect(details.total_tokens).toBeGreaterThan(0);
  });

  it('tells the first token of a stream', async () => {
    const id = await ask(await newKey(), '/chat/completions', chat('one two three', { stream: true }));
    const { first_token_ms: first, latency_ms: latency, timeline, ...row } = await detailsOf(id);
    expect(timeline.map(({ step }) => step)).toEqual(['arrived', 'let_in', 'sent', 'first_token', 'ended']);
    expect(first).toBeLessThanOrEqual(latency);
    expect(row.total_tokens).toBeGreaterThan(0);
  });

  it('that reached no provider is logged too', async () => {
    const { endpoint, calls, timeline, ...row } = await detailsOf(await ask(await newKey(), '/models'));
    expect([row.route, row.status, endpoint, calls]).toEqual(['models.list', 200, null, []]);
    expect(timeline.map(({ step }) => step)).toEqual(['arrived', 'let_in', 'ended']);
  });

  it('of a WebSocket is logged by itself, beside the handshake', async () => {
    const key = await newKey();
    const socket = await openSocket(platform.app.baseUrl, key.secret);
    await socket.ask({ model: 'assistant', input: 'hello' });
    await socket.ask({ model: 'absent', input: 'hello' });
    socket.close();
    const rows = await callsOf(key, 3);
    expect(rows.map(({ status, endpoint, error_code: code }) => [status, endpoint, code])).toEqual([
      [101, null, null],
      [200, 'assistant', null],
      [404, null, 'model_not_found'],
    ]);
    expect(rows[1]?.total_tokens).toBeGreaterThan(0);
  });
});

describe('a call that failed', () => {
  it('is logged with its code: a missing scope, a limit, an unknown model, a provider that breaks off', async () => {
    const without = await newKey({ scopes: ['inference:chat'] });
    const limited = await newKey({ limits: { requests_per_minute: 1 } });
    await ask(without, '/files');
    await ask(without, '/chat/completions', chat('hi', { model: 'none' }));
    await ask(without, '/chat/completions', chat('[[status:500]]'));
    for (let times = 0; times < 2; times += 1) await ask(limited, '/models');
    const codes = (rows: readonly RequestObject[]) => rows.map(({ status, error_code: code }) => [status, code]);
    expect(codes(await callsOf(without, 3))).toEqual([
      [403, 'insufficient_scope'],
      [404, 'model_not_found'],
      [502, 'upstream_error'],
    ]);
    expect(codes(await callsOf(limited, 2))).toEqual([
      [200, null],
      [429, 'rate_limit_exceeded'],
    ]);
  });

  it('because its client left has the tokens that were counted', async () => {
    const key = await newKey();
    const leaving = new AbortController();
    const body = chat('[[chunks:500]] [[pace:20]] [[no-usage]]', { stream: true });
    const url = `${platform.app.baseUrl}/chat/completions`;
    const response = await post({ url, secret: key.secret, body, signal: leaving.signal });
    await response.body?.getReader().read();
    leaving.abort();
    const [row] = await callsOf(key, 1);
    expect(row).toMatchObject({ status: 200, aborted: true, endpoint: 'raw-chat' });
    expect(row?.output_tokens).toBeGreaterThan(0);
    const { calls } = await detailsOf(row?.id ?? '');
    expect(calls.map(({ state, total_tokens: tokens }) => [state, tokens])).toEqual([['client_closed', row?.total_tokens]]);
  });

  it('again and again is one row with a count beyond ten in a second', async () => {
    const key = await newKey({ scopes: ['inference:chat'] });
    const many = 60;
    const began = Math.floor(Date.now() / 1000);
    await Promise.all(Array.from({ length: many }, () => ask(key, '/files')));
    const seconds = Math.floor(Date.now() / 1000) - began + 1;
    const rows = await until('all are told', async () => {
      const found = await logged(`key=${key.id}`);
      return found.reduce((sum, { count }) => sum + count, 0) === many && found;
    });
    expect(rows.length).toBeLessThanOrEqual(11 * seconds);
    expect(rows.some(({ count }) => count > 1)).toBe(true);
    expect(new Set(rows.map(({ error_code: code }) => code))).toEqual(new Set(['insufficient_scope']));
  });

  it('without a key that is known is in no log', async () => {
    const before = await logged('');
    await ask({ id: 'x', secret: `gtak_${'a'.repeat(48)}` }, '/models');
    const key = await newKey();
    await ask(key, '/models');
    await callsOf(key, 1);
    const rows = await logged('');
    expect(rows.filter(({ id }) => !before.some((one) => one.id === id)).map((row) => row.key)).toEqual([key.id]);
  });
});

describe('whoever reads the log', () => {
  it('of another tenant sees nothing of it, and a viewer of the own one does', async () => {
    const [mine, theirs] = [await newKey(), await newKey({}, other)];
    const id = await ask(mine, '/models');
    await ask(theirs, '/models');
    await detailsOf(id);
    const stranger = await tokenOf(platform.app, 'other', 'owner');
    const viewer = await tokenOf(platform.app, 'acme', 'viewer');
    const { body } = await platform.app.admin('GET', '/requests?limit=100', undefined, stranger);
    expect(body.data.every((row: RequestObject) => row.key === theirs.id)).toBe(true);
    expect((await platform.app.admin('GET', `/requests/${id}`, undefined, stranger)).status).toBe(404);
    expect((await platform.app.admin('GET', `/requests?after=${id}`, undefined, stranger)).status).toBe(400);
    expect((await platform.app.admin('GET', `/requests/${id}`, undefined, viewer)).status).toBe(200);
  });

  it('narrows it by what it shows, and is told which filter is none', async () => {
    const key = await newKey({ scopes: ['inference:chat'] });
    const id = await ask(key, '/chat/completions', chat('hi'));
    await ask(key, '/files');
    await callsOf(key, 2);
    const found = async (query: string) => (await logged(`key=${key.id}&${query}`)).map((row) => row.id === id);
    for (const query of ['status=200', 'status=2xx', 'endpoint=raw-chat', 'route=chat.completions.create', `request=${id}`])
      expect([query, await found(query)]).toEqual([query, [true]]);
    for (const query of ['status=403', 'status=4xx', 'error_code=insufficient_scope', 'route=files.list'])
      expect([query, await found(query)]).toEqual([query, [false]]);
    expect(await found('address=127.0.0.1')).toHaveLength(2);
    expect(await found('address=10.9.9.9')).toEqual([]);
    expect(await found('until=2020-01-01')).toEqual([]);
    for (const query of ['status=200x', 'status=6xx', 'key=x', 'since=yesterday', 'colour=red'])
      expect([query, (await platform.app.admin('GET', `/requests?tenant=acme&${query}`)).status]).toEqual([query, 400]);
  });

  it('does so from the command line too', async () => {
    const key = await newKey();
    const id = await ask(key, '/models');
    await detailsOf(id);
    const flags = ['--url', platform.app.adminUrl, '--token', platform.app.operatorToken, '--tenant', 'acme'];
    const list = await runCli([...flags, 'request', 'list', '--key', key.id]);
    expect([list.code, list.out]).toEqual([0, expect.stringContaining(id) as unknown]);
    const one = await runCli([...flags, 'request', 'get', id]);
    expect([one.code, one.out]).toEqual([0, expect.stringContaining('models.list') as unknown]);
  });
});

describe('a tail', () => {
  interface Told {
    readonly event: string;
    // eslint-disable-next-line @typescript-eslint/no-explicit-any -- what a test reads of an event is judged by the test
    readonly data: any;
  }

  /** Opens a tail and gives what it tells, and whether it is over. */
  async function follow(query: string, token: string): Promise<{ told: Told[]; isOver: () => boolean; leave: () => void }> {
    const leaving = new AbortController();
    const response = await fetch(`${platform.app.adminUrl}/requests/tail?${query}`, {
      headers: { authorization: `Bearer ${token}` },
      signal: leaving.signal,
    });
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/event-stream; charset=utf-8']);
    const told: Told[] = [];
    let over = false;
    const read = async (): Promise<void> => {
      for await (const { event, data } of readEvents(response.body ?? [], () => undefined))
        told.push({ event, data: JSON.parse(data) as unknown });
    };
    void read()
      .catch(() => undefined)
      .finally(() => (over = true));
    return { told, isOver: () => over, leave: () => leaving.abort() };
  }

  /** Calls until the tail tells a call: it begins a moment after its head was sent. */
  async function untilBegun(key: SeededKey, told: readonly Told[]): Promise<void> {
    await until('the tail has begun', async () => {
      await ask(key, '/models');
      return told.length > 0;
    });
  }

  it('tells calls of all processes as they are logged, those that its filter holds, and no other tenant', async () => {
    const [key, foreign] = [await newKey(), await newKey({}, other)];
    const stranger = await tokenOf(platform.app, 'other', 'owner');
    const mine = await follow(`tenant=acme&key=${key.id}`, platform.app.operatorToken);
    const refused = await follow(`key=${key.id}&status=4xx`, await tokenOf(platform.app, 'acme', 'viewer'));
    const theirs = await follow('', stranger);
    const second = await startApp({ databaseUrl: platform.app.databaseUrl });
    try {
      await untilBegun(key, mine.told);
      await untilBegun(foreign, theirs.told);
      const ids = [await ask(key, '/models'), await ask(key, '/chat/completions', chat('hi', { model: 'none' }), second)];
      const idsOf = (told: readonly Told[]): string[] => told.map(({ data }) => String(data.id));
      await until('both are told', () => ids.every((id) => idsOf(mine.told).includes(id)));
      await until('the refused one is told', () => idsOf(refused.told).includes(ids[1] ?? ''));
      expect(idsOf(refused.told)).toEqual([ids[1]]);
      expect(new Set(idsOf(mine.told)).size).toBe(mine.told.length);
      requestObject.array().parse(mine.told.map(({ data }) => data as unknown));
      const last = await ask(foreign, '/models');
      await until('their call is told', () => idsOf(theirs.told).includes(last));
      expect(new Set(theirs.told.map(({ data }) => String(data.key)))).toEqual(new Set([foreign.id]));
    } finally {
      for (const { leave } of [mine, refused, theirs]) leave();
      await second.close();
    }
  });

  it('ends when its token is revoked', async () => {
    const { body: token } = await platform.app.admin('POST', '/admin-tokens', { tenant: 'acme', name: 'tail', role: 'viewer' });
    const { told, isOver } = await follow('', token.secret);
    await platform.app.admin('DELETE', `/admin-tokens/${token.id}?tenant=acme`);
    await until('it is over', isOver);
    expect(told.at(-1)).toMatchObject({ event: 'message', data: { error: { code: 'invalid_api_key' } } });
  });

  it('ends when its process stops', async () => {
    const second = await startApp({ databaseUrl: platform.app.databaseUrl });
    const response = await fetch(`${second.adminUrl}/requests/tail?tenant=acme`, {
      headers: { authorization: `Bearer ${second.operatorToken}` },
    });
    await second.close();
    expect((await response.text()).replaceAll(': ping\n', '')).toBe('');
  });
});

describe('a tenant that wants no log', () => {
  it('has none, until it wants one', async () => {
    const silent = await platform.factory.tenant('silent', `${platform.sandbox.url}/v1`);
    await platform.factory.run((tx) => tx.tenant.update({ where: { id: silent.id }, data: { requestLogDays: 0 } }));
    const key = await newKey({}, silent);
    const ids = [await ask(key, '/chat/completions', chat('hi')), await ask(key, '/files', {})];
    const owner = await tokenOf(platform.app, 'silent', 'owner');
    expect((await platform.app.admin('PATCH', '/tenants/silent', { request_log_days: null }, owner)).status).toBe(200);
    const rows = await until('a call is logged', async () => {
      await ask(key, '/models');
      const { body } = await platform.app.admin('GET', '/requests?order=asc', undefined, owner);
      return body.data.length > 0 && requestObject.array().parse(body.data);
    });
    expect(rows.filter(({ id, route }) => ids.includes(id) || route !== 'models.list')).toEqual([]);
  });
});

describe('the bodies of calls', () => {
  let owner: string;
  const keep = (request_bodies: object | null, token: string) =>
    platform.app.admin('PATCH', '/tenants/keeper', { request_bodies }, token);
  const bodiesOf = (id: string, token: string) =>
    platform.app.admin('GET', `/requests/${id}/bodies?tenant=keeper`, undefined, token);
  let keeping: SeededTenant;

  /** Calls until the process has heard that bodies are kept, and gives what is kept of the call. */
  async function kept(key: SeededKey, path: string, body?: object): Promise<{ id: string; request: KeptText; answer: KeptText }> {
    const id = await until('bodies are kept', async () => {
      const asked = await ask(key, path, body);
      return (
        (
          await until('it is logged', async () => {
            const { status } = await platform.app.admin('GET', `/requests/${asked}?tenant=keeper`, undefined, owner);
            return status === 200 && { has: (await bodiesOf(asked, owner)).status === 200 };
          })
        ).has && asked
      );
    });
    return { id, ...((await bodiesOf(id, owner)).body as { request: KeptText; answer: KeptText }) };
  }

  interface KeptText {
    readonly text: string | null;
    readonly bytes: number;
    readonly cut: boolean;
    readonly left_out: string | null;
  }

  beforeAll(async () => {
    keeping = await platform.factory.tenant('keeper', `${platform.sandbox.url}/v1`);
    owner = await tokenOf(platform.app, 'keeper', 'owner');
  });

  it('are kept where an owner says so, and by nobody else', async () => {
    const key = await newKey({}, keeping);
    const before = await ask(key, '/models');
    expect((await keep({ days: 1 }, platform.app.operatorToken)).status).toBe(403);
    expect((await keep({ days: 1 }, await tokenOf(platform.app, 'keeper', 'manager'))).status).toBe(403);
    expect((await keep({ days: 31 }, owner)).status).toBe(400);
    expect((await keep({ days: 1 }, owner)).body).toMatchObject({ request_bodies: { days: 1 } });
    const { request, answer } = await kept(key, '/chat/completions', chat('hello', { user: 'gtak_abcdefgh12345678' }));
    expect(JSON.parse(request.text ?? '')).toEqual(chat('hello', { user: '[redacted]' }));
    expect(answer.text).toContain('You said: hello');
    expect([request.cut, request.left_out, answer.cut, answer.left_out]).toEqual([false, null, false, null]);
    expect((await bodiesOf(before, owner)).status).toBe(404);
  });

  it('are cut, redacted by the guardrails of the key, and left out where they are no text', async () => {
    const promptPolicy = { guardrails: [{ module: 'pii', action: 'mask', kinds: ['email'], restore: true }] };
    const guarded = await newKey({ promptPolicy }, keeping);
    const masked = await kept(guarded, '/chat/completions', chat('write to ann@example.com'));
    expect([masked.request.text, masked.answer.text].join()).not.toContain('ann@example.com');
    expect([masked.request.text, masked.answer.text].map((text) => text?.includes('[EMAIL]'))).toEqual([true, true]);
    const streamed = await kept(guarded, '/chat/completions', chat('write to ann@example.com', { stream: true }));
    expect(streamed.answer).toMatchObject({ text: null, left_out: 'restored_values' });
    const plain = await newKey({}, keeping);
    const long = await kept(plain, '/chat/completions', chat('x'.repeat(100_000), { stream: true }));
    expect([long.request.cut, long.request.text?.length]).toEqual([true, 65_536]);
    expect(long.answer.text).toMatch(/^data: /);
    const refused = await kept(plain, '/chat/completions', chat('hi', { model: 'none' }));
    expect(refused.answer.text).toContain('model_not_found');
  });

  it('are read by managers and owners, which the audit tells, and never by operators, viewers or strangers', async () => {
    const { id } = await kept(await newKey({}, keeping), '/models');
    const manager = await tokenOf(platform.app, 'keeper', 'manager');
    const statuses = await Promise.all(
      [manager, platform.app.operatorToken, await tokenOf(platform.app, 'keeper', 'viewer')].map(
        async (token) => (await bodiesOf(id, token)).status,
      ),
    );
    expect(statuses).toEqual([200, 403, 403]);
    const stranger = await tokenOf(platform.app, 'acme', 'owner');
    expect((await platform.app.admin('GET', `/requests/${id}/bodies`, undefined, stranger)).status).toBe(404);
    const { body } = await platform.app.admin('GET', `/audit?kind=request_bodies&object_id=${id}`, undefined, owner);
    expect(body.data.map(({ action, actor_role: role }: Record<string, string>) => [action, role])).toEqual([
      ['read', 'manager'],
      ['read', 'owner'],
      ['read', 'owner'],
    ]);
  });

  it('are sealed in the database, shown no more when they are switched off, and removed', async () => {
    const { id } = await kept(await newKey({}, keeping), '/chat/completions', chat('a secret word'));
    const stored = await platform.factory.run((tx) => tx.requestBodies.findMany({ where: { tenantId: keeping.id } }));
    expect(stored.length).toBeGreaterThan(0);
    for (const { content } of stored) expect(Buffer.from(content).includes('secret word')).toBe(false);
    expect((await keep(null, owner)).status).toBe(200);
    expect((await bodiesOf(id, owner)).status).toBe(404);
    await platform.app.running.app.get(RequestDaysService, { strict: false }).trimTenants(new AbortController().signal);
    expect(await platform.factory.run((tx) => tx.requestBodies.count({ where: { tenantId: keeping.id } }))).toBe(0);
  });
});

describe('while the database cannot be reached', () => {
  it('calls go on, and are logged when it is back', async () => {
    const proxy = await TcpProxy.before(platform.app.databaseUrl);
    const app = await startApp({ databaseUrl: proxy.url });
    try {
      const key = await newKey();
      const call = (prompt: string): Promise<string> => ask(key, '/chat/completions', chat(prompt), app);
      // The process has heard of the key's making by then: the next call finds it for good.
      const first = await detailsOf(await call('the key is new'));
      const known = await call('the key is known');
      proxy.cut();
      const id = await call('nobody is there');
      proxy.restore();
      expect(await detailsOf(id)).toMatchObject({ status: 200, endpoint: 'raw-chat' });
      expect((await logged(`key=${key.id}`)).map((row) => row.id)).toEqual([id, known, first.id]);
    } finally {
      await app.close();
      await proxy.close();
    }
  });
});

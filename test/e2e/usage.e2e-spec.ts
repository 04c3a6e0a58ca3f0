import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { modalityScopes, scopes, type Scope } from '../../src/contracts/scopes.js';
import { call } from '../support/app.js';
import { until } from '../support/relay.js';
import { chatBody, startUsageBench, type UsageBench } from '../support/usage-fixture.js';

let bench: UsageBench;
beforeAll(async () => void (bench = await startUsageBench()));
afterAll(() => bench.platform.close());

describe('what reached no provider', () => {
  it('has no record', async () => {
    const key = await bench.newKey({ agents: [] });
    const bodies: readonly object[] = [
      chatBody('x', { model: 'assistant' }),
      { model: 'raw-chat' },
      chatBody('x', { model: 'none' }),
      chatBody('x', { stream: 'yes' }),
    ];
    for (const body of bodies) expect((await bench.send(key, '/chat/completions', body)).status).toBeGreaterThanOrEqual(400);
    await bench.send(key, '/chat/completions', chatBody('the last one is recorded'));
    await bench.onlyRecord(key);
  });
});

describe('usage.list', () => {
  it('shows a key its own calls alone, with sums over all of them and not over a page', async () => {
    const [mine, others] = [await bench.newKey(), await bench.newKey()];
    await bench.send(others, '/chat/completions', chatBody('not mine'));
    for (const prompt of ['one', 'two', 'three']) await bench.send(mine, '/chat/completions', chatBody(prompt));
    await until('all three are visible', async () => (await bench.usageOf(mine)).totals.calls === 3);
    const all = await bench.usageOf(mine);
    expect(new Set(all.data.map(({ key }) => key))).toEqual(new Set([mine.id]));
    expect(all.totals.total_tokens).toBe(all.data.reduce((sum, one) => sum + one.total_tokens, 0));
    const first = await bench.usageOf(mine, '?limit=2');
    const rest = await bench.usageOf(mine, `?limit=2&after=${first.last_id}`);
    expect([...first.data, ...rest.data].map(({ id }) => id)).toEqual(all.data.map(({ id }) => id));
    expect([first.has_more, rest.has_more, first.totals]).toEqual([true, false, all.totals]);
    expect((await bench.usageOf(mine, `?since=${Math.ceil(Date.now() / 1000) + 60}`)).totals.calls).toBe(0);
  });

  it('asks for usage:read, and refuses what it does not know', async () => {
    const without = await bench.newKey({ scopes: ['inference:chat'] });
    const url = `${bench.platform.app.baseUrl}/usage`;
    expect((await call(url, 'GET', without.secret)).status).toBe(403);
    const key = await bench.newKey();
    for (const query of ['?limit=0', '?limit=x', '?after=use_absent', '?key=key_other', '?since=yesterday']) {
      expect([query, (await call(url + query, 'GET', key.secret)).status]).toEqual([query, 400]);
    }
  });
});

describe('what a key exercised', () => {
  it('is added up by route and endpoint, without the calls that the guard refused', async () => {
    const key = await bench.newKey({ scopes: ['inference:chat', 'usage:read'] });
    const get = (path: string) => call(bench.platform.app.baseUrl + path, 'GET', key.secret);
    for (let times = 0; times < 7; times += 1) await get('/models');
    await get('/models/raw-chat');
    await bench.usageOf(key);
    await bench.send(key, '/chat/completions', chatBody('hi'));
    await bench.send(key, '/chat/completions', chatBody('hi', { model: 'unknown' }));
    await bench.send(key, '/embeddings', { model: 'raw-chat', input: 'no scope' });
    const rows = await until('all is written', async () => {
      const { body } = await bench.platform.app.admin('GET', `/keys/${key.id}/exercise?tenant=acme`);
      const data = (body as { data: { kind: string; value: string; calls: number }[] }).data;
      const counts = Object.fromEntries(data.map(({ kind, value, calls }) => [`${kind} ${value}`, calls]));
      return counts['endpoint raw-chat'] !== undefined && (counts['route chat.completions.create'] ?? 0) > 1 && counts;
    });
    const listing: readonly Scope[] = Object.values(modalityScopes);
    expect(rows).toEqual({
      'route models.list': 7,
      'route models.get': 1,
      'route usage.list': 1,
      'route chat.completions.create': 2,
      'endpoint raw-chat': 1,
      [`scope ${scopes.filter((scope) => listing.includes(scope)).join(' or ')}`]: 1,
    });
    const { body: shown } = await bench.platform.app.admin('GET', `/keys/${key.id}?tenant=acme`);
    expect(shown.last_used_at).toBeGreaterThan(Math.floor(Date.now() / 1000) - 30);
  });
});

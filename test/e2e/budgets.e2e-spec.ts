import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { periodOf } from '../../src/modules/budgets/budget-period.js';
import type { BudgetStateObject } from '../../src/contracts/budget-report.js';
import type { BudgetObject } from '../../src/contracts/budgets.js';
import { call } from '../support/app.js';
import { expectCreated, refusal, startAdminFixture, type AdminFixture } from '../support/admin-fixture.js';
import { runCli } from '../support/cli.js';
import { runFolder } from '../support/postgres.js';

let fixture: AdminFixture;
let database: pg.Client;
let key: { readonly id: string; readonly name: string };

beforeAll(async () => {
  fixture = await startAdminFixture();
  database = new pg.Client({ connectionString: fixture.app.databaseUrl });
  await database.connect();
  for (const name of ['assistant', 'brief'])
    await expectCreated(fixture.manager('POST', '/endpoints', { name, raw_model: { connection: 'main', model: 'm' } }));
  const priced = { connection: 'main', model: 'm', amounts: { input: 1 } };
  await expectCreated(fixture.app.admin('POST', '/tenant-prices', { tenant: 'acme', ...priced }));
  key = await newKey('app');
});
afterAll(async () => {
  await database.end();
  await fixture.close();
});

const newKey = (name: string) =>
  expectCreated(fixture.manager('POST', '/keys', { name, preset: 'openai-chat-client' })) as Promise<typeof key>;
const budget = (input: object) => expectCreated(fixture.owner('POST', '/budgets', input));
const monthly = { window: 'month', amount: 50_000_000 };

describe('budgets', () => {
  it('are made by owners, shown to every member of the tenant and to nobody else, and stand in its audit', async () => {
    const body = await budget({ ...monthly, key: 'app', soft_percent: 80 });
    const { startsAtMs, endsAtMs } = periodOf('month', 'UTC', body.created_at * 1000);
    expect(body).toEqual({
      object: 'budget',
      id: expect.stringMatching(/^bud_/),
      subject: 'key',
      key: key.id,
      key_name: 'app',
      endpoint: null,
      window: 'month',
      currency: 'USD',
      amount: 50_000_000,
      soft_percent: 80,
      hard: true,
      unpriced: 'refuse',
      period: {
        starts_at: startsAtMs / 1000,
        ends_at: (endsAtMs ?? 0) / 1000,
        ...{ spent: 0, assumed: 0, reserved: 0, left: 50_000_000, soft_reached: false, used_up: false },
      },
      created_at: expect.any(Number),
    });
    expect((await fixture.viewer('GET', `/budgets/${body.id}`)).body).toEqual(body);
    expect((await fixture.viewer('GET', `/budgets?key=${key.id}`)).body.data).toEqual([body]);
    expect((await fixture.stranger('GET', '/budgets')).body.data).toEqual([]);
    expect(await fixture.lastAudit(body.id)).toMatchObject({ action: 'create', kind: 'budget', actor_role: 'owner' });
    expect(refusal(await fixture.manager('POST', '/budgets', monthly))).toEqual([403, 'insufficient_role', null]);
    expect(refusal(await fixture.manager('PATCH', `/budgets/${body.id}`, { amount: 1 }))[1]).toBe('insufficient_role');
    expect(refusal(await fixture.manager('DELETE', `/budgets/${body.id}`))[1]).toBe('insufficient_role');
  });

  it('are of the tenant, of a key or of an endpoint, in money or in tokens', async () => {
    const made = [
      await budget({ window: 'day', currency: null, amount: 1_000_000 }),
      await budget({ window: 'total', currency: 'EUR', amount: 5_000_000 }),
      await budget({ window: 'week', key: key.id, amount: 3 }),
      await budget({ window: 'week', endpoint: 'assistant', amount: 3, hard: false, unpriced: 'allow' }),
    ];
    expect(made.map((one) => [one.subject, one.key, one.endpoint, one.currency])).toEqual([
      ['tenant', null, null, null],
      ['tenant', null, null, 'EUR'],
      ['key', key.id, null, 'USD'],
      ['endpoint', null, 'assistant', 'USD'],
    ]);
    expect(made[1]?.period).toMatchObject({ starts_at: 0, ends_at: null });
    const listed = async (query: string) =>
      ((await fixture.viewer('GET', `/budgets?order=asc&${query}`)).body.data as { id: string }[]).map(({ id }) => id);
    const [first, second, third, fourth] = made.map(({ id }) => id as string);
    expect(await listed('subject=tenant')).toEqual([first, second]);
    expect(await listed('subject=endpoint')).toEqual([fourth]);
    expect(await listed('endpoint=assistant')).toEqual([fourth]);
    expect(await listed('window=week')).toEqual([third, fourth]);
    expect(await listed(`window=week&after=${third}`)).toEqual([fourth]);
  });

  it('change in what they have and how they act, and are gone when they are deleted', async () => {
    const { id, ...before } = await budget({ ...monthly, endpoint: 'assistant' });
    const change = (input: object) => fixture.owner('PATCH', `/budgets/${id}`, input);
    const { body } = await change({ amount: 70_000, soft_percent: 50, hard: false, unpriced: 'allow' });
    expect(body).toEqual({
      ...{ ...before, id, amount: 70_000, soft_percent: 50, hard: false, unpriced: 'allow' },
      period: { ...before.period, left: 70_000 },
    });
    expect((await change({ soft_percent: null })).body).toMatchObject({ amount: 70_000, soft_percent: null, hard: false });
    expect((await fixture.lastAudit(id))?.changes).toEqual({ soft_percent: null });
    expect((await fixture.owner('DELETE', `/budgets/${id}`)).body).toEqual({ id, object: 'budget', deleted: true });
    expect(refusal(await fixture.viewer('GET', `/budgets/${id}`))).toEqual([404, 'not_found', null]);
    expect(await fixture.lastAudit(id)).toMatchObject({ action: 'delete', changes: { endpoint: 'assistant', amount: 70_000 } });
  });

  it('are one of a window and a currency for each subject', async () => {
    const subjects = [{ endpoint: 'brief' }, { key: (await newKey('once')).id }, {}];
    for (const subject of subjects) {
      for (const currency of ['CHF', null]) {
        const input = { ...subject, window: 'month', currency, amount: 1 };
        await budget(input);
        expect(refusal(await fixture.owner('POST', '/budgets', input))).toEqual([409, 'conflict', null]);
      }
      await budget({ ...subject, window: 'day', currency: 'CHF', amount: 1 });
    }
  });

  it('go with their key and with their endpoint', async () => {
    const { id: keyId } = await newKey('leaving');
    await expectCreated(
      fixture.manager('POST', '/endpoints', { name: 'leaving', raw_model: { connection: 'main', model: 'm' } }),
    );
    const ids = [await budget({ ...monthly, key: keyId }), await budget({ ...monthly, endpoint: 'leaving' })].map(({ id }) => id);
    for (const path of [`/keys/${keyId}`, '/endpoints/leaving']) expect((await fixture.manager('DELETE', path)).status).toBe(200);
    for (const id of ids) expect((await fixture.viewer('GET', `/budgets/${id}`)).status).toBe(404);
  });

  it.each<[object, string, string]>([
    [{ amount: 1 }, 'missing_required_parameter', 'window'],
    [{ window: 'month' }, 'missing_required_parameter', 'amount'],
    [{ ...monthly, window: 'year' }, 'invalid_value', 'window'],
    [{ ...monthly, amount: -1 }, 'invalid_value', 'amount'],
    [{ ...monthly, amount: 1.5 }, 'invalid_value', 'amount'],
    [{ ...monthly, amount: 2 ** 53 }, 'invalid_value', 'amount'],
    [{ ...monthly, currency: 'dollars' }, 'invalid_value', 'currency'],
    [{ ...monthly, soft_percent: 101 }, 'invalid_value', 'soft_percent'],
    [{ ...monthly, soft_percent: 0 }, 'invalid_value', 'soft_percent'],
    [{ ...monthly, unpriced: 'guess' }, 'invalid_value', 'unpriced'],
    [{ ...monthly, key: 'absent' }, 'invalid_value', 'key'],
    [{ ...monthly, key: 'revoked' }, 'invalid_value', 'key'],
    [{ ...monthly, endpoint: 'absent' }, 'invalid_value', 'endpoint'],
    [{ ...monthly, key: 'app', endpoint: 'assistant' }, 'invalid_value', 'endpoint'],
    [{ ...monthly, colour: 'red' }, 'unsupported_parameter', 'colour'],
  ])('are refused as %j with %s', async (input, code, param) => {
    if ((input as { key?: string }).key === 'revoked')
      await fixture.manager('POST', `/keys/${(await newKey('revoked')).id}/revoke`, {});
    expect(refusal(await fixture.owner('POST', '/budgets', input))).toEqual([400, code, param]);
  });

  it.each([{ window: 'day' }, { currency: 'EUR' }, { key: 'app' }, { endpoint: 'assistant' }])(
    'refuse to become %j',
    async (input) => {
      const [{ id }] = (await fixture.viewer('GET', '/budgets?limit=1')).body.data as [{ id: string }];
      const [param] = Object.keys(input);
      expect(refusal(await fixture.owner('PATCH', `/budgets/${id}`, input))).toEqual([400, 'unsupported_parameter', param]);
    },
  );

  it('say what of them lets nothing through and what says nothing', async () => {
    const { id, notices } = await budget({ window: 'week', currency: null, amount: 0, unpriced: 'allow' });
    const none = 'amount is 0: no call is let through.';
    expect(notices).toEqual([none, 'unpriced has no effect: tokens are counted, whether they have a price or not.']);
    expect((await fixture.viewer('GET', `/budgets/${id}`)).body).not.toHaveProperty('notices');
    const change = async (input: object) => (await fixture.owner('PATCH', `/budgets/${id}`, input)).body.notices;
    expect([await change({ amount: 1 }), await change({ hard: false, amount: 0 })]).toEqual([undefined, undefined]);
    expect(await change({ hard: true, amount: 0 })).toEqual([none]);
  });

  it('say that units were taken for micro-units, and that nothing has a price in their currency', async () => {
    const { id, notices } = await budget({ window: 'total', currency: 'DKK', amount: 9_999 });
    const [units, priced] = [
      'amount is 9999 micro-units, less than a hundredth of a DKK: 1000000 are one DKK.',
      "No model of the tenant's connections has a price in DKK:",
    ];
    expect(notices).toEqual([units, `${priced} every call is refused until one has.`]);
    const change = async (input: object) => (await fixture.owner('PATCH', `/budgets/${id}`, input)).body.notices;
    expect(await change({ amount: 10_000, unpriced: 'allow' })).toEqual([`${priced} no call counts until one has.`]);
    const price = { connection: 'main', model: 'm', currency: 'DKK', amounts: { input: 1 } };
    const valid = { valid_from: '2027-01-01' };
    const own = await expectCreated(fixture.app.admin('POST', '/tenant-prices', { tenant: 'acme', ...price, ...valid }));
    expect(await change({ soft_percent: 5 })).toBeUndefined();
    await fixture.app.admin('DELETE', `/tenant-prices/${own.id}?tenant=acme`);
  });

  it('are told by their names where they exist already', async () => {
    const { body } = await fixture.owner('POST', '/budgets', { window: 'day', currency: null, amount: 1 });
    expect([body.error.code, body.error.message]).toEqual([
      'conflict',
      'The budget "tenant day tokens" exists already: change that one.',
    ]);
  });

  it('are listed by the name of their key as well, and an unknown one is said', async () => {
    const of = async (name: string) => (await fixture.viewer('GET', `/budgets?key=${name}`)).body;
    expect((await of('app')).data).toEqual((await of(key.id)).data);
    expect((await of('app')).data[0]).toMatchObject({ key: key.id, key_name: 'app' });
    expect(refusal(await fixture.viewer('GET', '/budgets?key=ap'))).toEqual([400, 'invalid_value', 'key']);
  });
});

describe('the period of a budget', () => {
  /** What calls and processes leave behind. */
  const count = async (
    id: string,
    startsAt: number,
    settled: number,
    slices: readonly (readonly [string, number, number])[] = [],
  ) => {
    const owner = await database.query<{ tenant_id: string }>('select tenant_id from budgets where id = $1', [id]);
    const row = [owner.rows[0]?.tenant_id, id, new Date(startsAt * 1000)];
    await database.query('insert into budget_periods (tenant_id, budget_id, starts_at, settled) values ($1, $2, $3, $4)', [
      ...row,
      settled,
    ]);
    for (const [state, held, done] of slices)
      await database.query(
        `insert into budget_slices (tenant_id, budget_id, starts_at, id, journal, state, held, settled)
         values ($1, $2, $3, gen_random_uuid(), 'j', $4, $5, $6)`,
        [...row, state, held, done],
      );
  };
  const shown = async (id: string) => (await fixture.viewer('GET', `/budgets/${id}`)).body.period;

  it('tells what is spent, what is reserved and what is left', async () => {
    const { id, period } = await budget({ window: 'month', currency: 'SEK', amount: 1000, soft_percent: 40 });
    await count(id, period.starts_at, 349, [
      ['open', 100, 30],
      // More was settled of it than its process has told that it holds.
      ['open', 5, 9],
      ['assumed', 50, 0],
      ['closed', 70, 20],
    ]);
    expect(await shown(id)).toEqual({ ...period, spent: 399, assumed: 50, reserved: 70, left: 531 });
    await database.query('update budget_periods set settled = 350 where budget_id = $1', [id]);
    expect(await shown(id)).toMatchObject({ spent: 400, soft_reached: true, used_up: false });
    await database.query('update budget_periods set settled = 951 where budget_id = $1', [id]);
    expect(await shown(id)).toMatchObject({ spent: 1001, left: 0, soft_reached: true, used_up: true });
    expect((await fixture.owner('PATCH', `/budgets/${id}`, { amount: 2000 })).body.period).toMatchObject({
      ...{ spent: 1001, assumed: 50, reserved: 70, left: 929, used_up: false },
    });
    expect((await fixture.viewer('GET', '/budgets?window=month&limit=100')).body.data).toContainEqual(
      expect.objectContaining({ id, period: expect.objectContaining({ spent: 1001 }) }),
    );
  });

  it('is told to the admin plane of all budgets that count the calls of a key, and to the key of its own', async () => {
    const inference = await expectCreated(
      fixture.manager('POST', '/keys', { name: 'counted', preset: 'openai-chat-client', raw_models: ['assistant'] }),
    );
    const talking = { name: 'talking', preset: 'conversation-app', links: { inference: 'counted' } };
    const { id: keyId, secret } = await expectCreated(fixture.manager('POST', '/keys', talking));
    const nok = (input: object) => budget({ window: 'month', currency: 'NOK', amount: 1000, ...input });
    const subjects = [{ key: keyId, soft_percent: 80 }, { key: inference.id }, { endpoint: 'assistant', hard: false }, {}];
    const made: { id: string; period: BudgetObject['period'] }[] = [];
    for (const subject of subjects) made.push((await nok(subject)) as BudgetObject);
    const elsewhere = [await nok({ key: 'app' }), await nok({ endpoint: 'brief' })];
    await count(made[1]?.id ?? '', made[1]?.period.starts_at ?? 0, 100, [['open', 50, 20]]);
    const owners = [
      { of: 'key', name: 'talking', soft_percent: 80 },
      { of: 'linked_key', name: 'counted', spent: 100, reserved: 30, left: 870 },
      { of: 'endpoint', name: 'assistant', hard: false },
      { of: 'tenant', name: 'acme' },
    ];
    const expected = made.map(({ id, period }, at) => ({
      ...{ id, window: 'month', currency: 'NOK', amount: 1000, soft_percent: null, hard: true, unpriced: 'refuse' },
      ...{ spent: 0, reserved: 0, left: 1000, ends_at: period.ends_at },
      ...owners[at],
    }));
    const report = (await fixture.viewer('GET', `/keys/${keyId}/limits`)).body;
    const counting = report.budgets as BudgetStateObject[];
    expect([report.key, counting.filter(({ currency }) => currency === 'NOK')]).toEqual([keyId, expected]);
    const own = (await call(`${fixture.app.baseUrl}/key`, 'GET', secret)).body.budgets as BudgetStateObject[];
    expect(own).toEqual(expected.slice(0, 2));
    expect((await fixture.stranger('GET', `/keys/${keyId}/limits`)).status).toBe(404);
    for (const { id } of [...made, ...elsewhere]) await fixture.owner('DELETE', `/budgets/${id}`);
  });

  it("is that of the tenant's time zone, and another one when that changes", async () => {
    const { id, period, created_at: now } = await budget({ window: 'week', currency: 'SEK', amount: 1000 });
    await count(id, period.starts_at, 700);
    const zones = ['Asia/Kathmandu', 'America/St_Johns', 'UTC'];
    for (const zone of zones) {
      expect((await fixture.owner('PATCH', '/tenants/acme', { time_zone: zone })).body.time_zone).toBe(zone);
      const { startsAtMs, endsAtMs } = periodOf('week', zone, now * 1000);
      expect(await shown(id)).toMatchObject({
        ...{ starts_at: startsAtMs / 1000, ends_at: (endsAtMs ?? 0) / 1000 },
        spent: zone === 'UTC' ? 700 : 0,
      });
    }
  });

  it('knows nothing of those before it', async () => {
    const { id, period } = await budget({ window: 'day', currency: 'SEK', amount: 1000 });
    await count(id, period.starts_at - 86_400, 1000, [['open', 10, 0]]);
    expect(await shown(id)).toEqual(period);
  });
});

describe('budgets in a file', () => {
  const operator = (method: string, path: string, body?: object) => fixture.app.admin(method, path, body);
  const connections = [{ name: 'main', base_url: 'http://127.0.0.1:9/v1' }];
  const endpoints = [{ name: 'served', raw_model: { connection: 'main', model: 'm' } }];
  const keys = ['one', 'two'].map((name) => ({ name, preset: 'openai-chat-client' }));
  const tenant = (more: object) => ({ slug: 'filed', connections, endpoints, keys, ...more });
  const tokens = { window: 'day', currency: null, amount: 1000 };
  const ofKey = { key: 'one', window: 'month', amount: 5_000_000, soft_percent: 80, unpriced: 'allow' };
  const ofEndpoint = { endpoint: 'served', window: 'total', currency: 'EUR', amount: 7_000_000, hard: false };
  const apply = async (more: object, options: object = {}) => {
    const { status, body } = await operator('POST', '/apply', { file: { tenants: [tenant(more)] }, ...options });
    expect([status, body.error]).toEqual([200, undefined]);
    return (body.results as { action: string; kind: string; name: string; notices?: string[] }[])
      .filter(({ kind }) => kind === 'budget')
      .map(({ action, name, notices = [] }) => [action, name, ...notices].join(': '));
  };
  const exported = async () => ((await operator('GET', '/export?tenant=filed')).body.tenants as Record<string, unknown>[])[0];

  it('become so, stay so, change and leave', async () => {
    const budgets = [tokens, ofKey, ofEndpoint];
    const names = ['tenant day tokens', 'key one month USD', 'endpoint served total EUR'];
    const all = (action: string) => names.map((name) => `${action}: ${name}`);
    expect(await apply({ budgets }, { dry_run: true })).toEqual(all('created'));
    expect(await apply({ budgets, time_zone: 'Europe/Berlin' })).toEqual(all('created'));
    expect(await apply({ budgets }, { prune: true })).toEqual(all('unchanged'));
    expect(await exported()).toMatchObject({ time_zone: 'Europe/Berlin', budgets });
    expect((await operator('POST', '/apply', { file: { tenants: [await exported()] } })).body.changed).toBe(0);

    const changed = { ...ofKey, amount: 0, soft_percent: undefined };
    expect(await apply({ budgets: [changed] })).toEqual(['updated: key one month USD: amount is 0: no call is let through.']);
    expect(await apply({ budgets: [changed] }, { prune: true })).toEqual([
      'unchanged: key one month USD',
      'deleted: tenant day tokens',
      'deleted: endpoint served total EUR',
    ]);
    const { body } = await operator('GET', '/budgets?tenant=filed');
    expect(body.data).toMatchObject([{ subject: 'key', amount: 0, soft_percent: null, unpriced: 'allow' }]);
  });

  it('stay as they are where a file says nothing of them, with prune too, and leave where it has an empty list', async () => {
    await apply({ budgets: [tokens] }, { prune: true });
    expect([await apply({}), await apply({}, { prune: true })]).toEqual([[], []]);
    expect(await apply({ budgets: [] })).toEqual([]);
    expect(await apply({ budgets: [] }, { prune: true })).toEqual(['deleted: tenant day tokens']);
    expect(await exported()).not.toHaveProperty('budgets');
  });

  it('leave a file with the key that is revoked', async () => {
    await apply({ budgets: [{ ...tokens, key: 'two' }, tokens] });
    expect((await operator('POST', '/keys/two/revoke?tenant=filed', {})).status).toBe(200);
    expect((await exported())?.['budgets']).toEqual([tokens]);
  });

  it('of fine-tuned models are neither shown nor taken away', async () => {
    const { id } = await expectCreated(operator('POST', '/budgets', { tenant: 'filed', ...ofEndpoint, window: 'week' }));
    const tuned = 'ft:m:filed::AAAAAAAA';
    await database.query(`update endpoints set name = $1 where name = 'served'`, [tuned]);
    expect(await apply({ budgets: [] }, { prune: true })).not.toContainEqual(expect.stringContaining(tuned));
    expect(await exported()).not.toHaveProperty('budgets');
    expect((await operator('GET', `/budgets/${id}?tenant=filed`)).body).toMatchObject({ id, endpoint: tuned });
  });

  it.each<[object, object, string]>([
    [{ budgets: [tokens, tokens] }, {}, 'budgets[1].window'],
    [{ budgets: [{ ...ofKey, endpoint: 'served' }] }, {}, 'budgets[0].endpoint'],
    [{ budgets: [tokens, { ...ofKey, key: 'absent' }] }, {}, 'budgets[1].key'],
    [{ budgets: [{ ...ofEndpoint, endpoint: 'absent' }] }, {}, 'budgets[0].endpoint'],
    [{ budgets: [{ ...ofEndpoint, endpoint: 'ft:m:filed::AAAAAAAA' }] }, {}, 'budgets[0].endpoint'],
    [{ budgets: { tokens_per_day: 5 } }, {}, 'budgets'],
    [{ budgets: [ofKey], keys: [] }, { prune: true }, 'budgets[0].key'],
    [{ budgets: [ofEndpoint], endpoints: [] }, { prune: true }, 'budgets[0].endpoint'],
  ])('are refused with their place in %j', async (more, options, place) => {
    await apply({});
    const reply = await operator('POST', '/apply', { file: { tenants: [tenant(more)] }, ...options });
    expect(refusal(reply)).toEqual([400, 'invalid_value', `file.tenants[0].${place}`]);
  });
});

describe('gt budget', () => {
  const gt = async (...args: string[]) => {
    const run = await runCli(args, {
      GT_ADMIN_URL: fixture.app.adminUrl,
      GT_ADMIN_TOKEN: fixture.app.operatorToken,
      GT_DATA_DIR: mkdtempSync(join(runFolder(), 'budgets-')),
    });
    expect({ code: run.code, err: run.err }).toEqual({ code: 0, err: '' });
    return run.out;
  };
  const json = async (...args: string[]) => JSON.parse(await gt(...args, '--json')) as Record<string, unknown>;
  const other = ['--tenant', 'other'] as const;

  it('makes, shows, changes and deletes budgets, of money and of tokens', async () => {
    const money = await json('budget', 'create', ...other, '--window', 'month', '--amount', '50000000', '--soft-percent', '80');
    const tokens = await json('budget', 'create', ...other, '--tokens', '--window', 'day', '--amount', '1000', '--hard', 'false');
    expect([money, tokens]).toMatchObject([
      { subject: 'tenant', currency: 'USD', amount: 50_000_000, soft_percent: 80, hard: true },
      { subject: 'tenant', currency: null, amount: 1000, hard: false },
    ]);
    const lines = (await gt('budget', 'list', ...other, '--order', 'asc'))
      .trimEnd()
      .split('\n')
      .map((line) => line.split(/ {2,}/));
    expect(lines).toEqual([
      ['SUBJECT', 'OF', 'WINDOW', 'AMOUNT', 'SPENT', 'RESERVED', 'LEFT', 'UNIT', 'ENDS AT', 'ID'],
      ['tenant', '-', 'month', '50.00', '0.00', '0.00', '50.00', 'USD', expect.stringMatching(/Z$/), money['id']],
      ['tenant', '-', 'day', '1000', '0', '0', '1000', 'tokens', expect.stringMatching(/Z$/), tokens['id']],
    ]);
    await expectCreated(fixture.app.admin('POST', '/keys', { tenant: 'other', name: 'shown', preset: 'openai-chat-client' }));
    const told = (await gt('limits', 'show', ...other, 'shown')).trimEnd().split('\n');
    expect(told.slice(0, 2)).toEqual(['No limit of calls or uploads holds for this key.', '']);
    expect(told.slice(2).map((line) => line.split(/ {2,}/))).toMatchObject([
      ['OF', 'NAME', 'WINDOW', 'AMOUNT', 'SPENT', 'RESERVED', 'LEFT', 'UNIT', 'ENDS AT', 'ID'],
      { 0: 'tenant', 1: 'other', 2: 'month', 3: '50.00', 9: money['id'] },
      { 0: 'tenant', 1: 'other', 2: 'day', 9: tokens['id'] },
    ]);
    const one = await gt('budget', 'get', ...other, String(money['id']));
    expect(one).toMatch(/\namount +50\.00\n[^]*\nperiod\n[^]*\n {2}left +50\.00\n/);
    const id = String(tokens['id']);
    expect(await json('budget', 'update', ...other, id, '--amount', '5')).toMatchObject({ id, amount: 5, currency: null });
    expect(await json('budget', 'get', ...other, id)).toMatchObject({ id, amount: 5 });
    expect(await json('budget', 'delete', ...other, id, '--yes')).toEqual({ id, object: 'budget', deleted: true });
  });
});

import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { expectCreated, refusal, startAdminFixture, type AdminFixture } from '../support/admin-fixture.js';
import { runCli } from '../support/cli.js';
import { runFolder } from '../support/postgres.js';
import { until } from '../support/until.js';

let fixture: AdminFixture;
const amounts = { input: 2_500_000, output: 10_000_000 };

beforeAll(async () => {
  fixture = await startAdminFixture();
  await expectCreated(
    fixture.manager('POST', '/connections', { name: 'azure', base_url: 'http://127.0.0.1:9/openai/v1', wire: 'azure' }),
  );
});
afterAll(() => fixture.close());

const operator = (method: string, path: string, body?: object) => fixture.app.admin(method, path, body);
const price = (model: string, rest: object = {}) =>
  expectCreated(operator('POST', '/prices', { provider: 'azure', model, amounts, ...rest }));
const ofTenant = (model: string, rest: object) =>
  expectCreated(operator('POST', '/tenant-prices', { tenant: 'acme', connection: 'azure', model, ...rest }));
const explain = async (model: string, rest: object = {}) => {
  const { status, body } = await fixture.viewer('POST', '/prices/explain', { connection: 'azure', model, ...rest });
  expect(status).toBe(200);
  return body;
};
const pricedBy = async (model: string, rest: object = {}) => (await explain(model, rest))['price'] as { id: string } | null;
/** Waits until the process prices calls of the model by this row. */
const hasCome = (model: string, id: unknown, rest: object = {}) =>
  until(`${model} is priced by ${String(id)}`, async () => (await pricedBy(model, rest))?.id === id);

describe('prices of providers', () => {
  it('are made by operators, and shown to every member of a tenant', async () => {
    const body = await price('shown', { valid_from: '2026-01-01' });
    expect(body).toEqual({
      object: 'price',
      id: expect.stringMatching(/^prc_/),
      provider: 'azure',
      model: 'shown',
      valid_from: Date.parse('2026-01-01') / 1000,
      currency: 'USD',
      amounts,
      origin: 'own',
      created_at: expect.any(Number),
    });
    expect((await fixture.viewer('GET', `/prices/${body.id}`)).body).toEqual(body);
    expect((await fixture.stranger('GET', '/prices?model=shown')).body.data).toEqual([body]);
    const { body: audit } = await operator('GET', `/operator-audit?object_id=${body.id}`);
    expect(audit.data).toMatchObject([{ action: 'create', kind: 'price', changes: { model: 'shown', amounts } }]);
  });

  it('say what is likely to be a slip', async () => {
    const set = async (amounts: object) => {
      const { body } = await operator('PATCH', `/prices/${id}`, { amounts });
      return (body.notices ?? []) as string[];
    };
    const { id } = await price('slips');
    expect(await set({ input: 2_500_000, output: 10_000_000 })).toEqual([]);
    expect(await set({ image: 5 })).toEqual([]);
    expect(await set({ input: 1, output: 999 })).toEqual([
      'amounts are in micro-units: 1 and 999 for 1,000,000 tokens is next to nothing, 1000000 are one unit.',
    ]);
    expect(await set({ input: 1_000 })).toEqual([
      'amounts has no output: calls that are answered in text have no cost, and budgets in money refuse them.',
    ]);
    expect(await set({ output: 1_000 })).toEqual([
      'amounts has no input: calls with a text have no cost, and budgets in money refuse them.',
    ]);
    expect((await operator('GET', `/prices/${id}`)).body).not.toHaveProperty('notices');
  });

  it('change as a whole, and are gone when they are deleted', async () => {
    const { id } = await price('changing');
    const { body } = await operator('PATCH', `/prices/${id}`, { amounts: { input: 1 } });
    expect(body).toMatchObject({ id, currency: 'USD', amounts: { input: 1 } });
    expect((await operator('DELETE', `/prices/${id}`)).body).toEqual({ id, object: 'price', deleted: true });
    expect(refusal(await fixture.viewer('GET', `/prices/${id}`))).toEqual([404, 'not_found', null]);
    const { body: audit } = await operator('GET', `/operator-audit?object_id=${id}`);
    expect((audit.data as { action: string }[]).map(({ action }) => action)).toEqual(['delete', 'update', 'create']);
  });

  it.each([
    [{ model: 'x', amounts }, 400, 'missing_required_parameter', 'provider'],
    [{ provider: 'nobody', model: 'x', amounts }, 400, 'invalid_value', 'provider'],
    [{ provider: 'azure', model: 'x' }, 400, 'missing_required_parameter', 'amounts'],
    [{ provider: 'azure', model: 'x', amounts: {} }, 400, 'invalid_value', 'amounts'],
    [{ provider: 'azure', model: 'x', amounts: { input: 0.5 } }, 400, 'invalid_value', 'amounts.input'],
    [{ provider: 'azure', model: 'x', amounts: { smell: 1 } }, 400, 'unsupported_parameter', 'amounts.smell'],
    [{ provider: 'azure', model: 'x', amounts, currency: 'dollars' }, 400, 'invalid_value', 'currency'],
    [{ provider: 'azure', model: 'x', amounts, valid_from: 'soon' }, 400, 'invalid_value', 'valid_from'],
  ])('are refused as %j with %d %s', async (input, status, code, param) => {
    expect(refusal(await operator('POST', '/prices', input))).toEqual([status, code, param]);
  });

  it('are one for a model and a moment', async () => {
    await price('once');
    const again = { provider: 'azure', model: 'once', amounts };
    expect(refusal(await operator('POST', '/prices', again))).toEqual([409, 'conflict', null]);
    await price('once', { valid_from: '2026-01-01' });
  });
});

describe('prices of a tenant', () => {
  it('are made by operators, shown to its members and to nobody else, and stand in its audit', async () => {
    const body = await ofTenant('own', { amounts, currency: 'EUR', markup_per_mille: 100 });
    expect(body).toEqual({
      object: 'tenant_price',
      id: expect.stringMatching(/^tpr_/),
      connection: 'azure',
      model: 'own',
      valid_from: null,
      currency: 'EUR',
      amounts,
      markup_per_mille: 100,
      created_at: expect.any(Number),
    });
    expect((await fixture.viewer('GET', `/tenant-prices/${body.id}`)).body).toEqual(body);
    expect((await fixture.viewer('GET', '/tenant-prices?connection=azure&model=own')).body.data).toEqual([body]);
    expect((await fixture.stranger('GET', '/tenant-prices')).body.data).toEqual([]);
    expect(await fixture.lastAudit(body.id)).toMatchObject({ action: 'create', kind: 'tenant_price', actor_role: 'operator' });
  });

  it('say amounts, a mark-up or both, and never nothing', async () => {
    const { id } = await ofTenant('either', { markup_per_mille: 50 });
    const change = (input: object) => operator('PATCH', `/tenant-prices/${id}`, { tenant: 'acme', ...input });
    expect((await change({ amounts, markup_per_mille: null })).body).toMatchObject({
      currency: 'USD',
      amounts,
      markup_per_mille: null,
    });
    expect(refusal(await change({ amounts: null }))).toEqual([400, 'invalid_value', 'amounts']);
    expect((await change({ amounts: null, markup_per_mille: 0 })).body).toMatchObject({ currency: null, amounts: null });
    const none = { tenant: 'acme', connection: 'azure', model: 'none' };
    expect(refusal(await operator('POST', '/tenant-prices', none))).toEqual([400, 'invalid_value', 'amounts']);
    const absent = { ...none, connection: 'absent', amounts };
    expect(refusal(await operator('POST', '/tenant-prices', absent))).toEqual([400, 'invalid_value', 'connection']);
  });

  it('are one for a model of a connection and a moment, and go with the connection', async () => {
    await expectCreated(fixture.manager('POST', '/connections', { name: 'brief', base_url: 'http://127.0.0.1:9/v1' }));
    const input = { tenant: 'acme', connection: 'brief', model: 'x', amounts };
    const { id } = await expectCreated(operator('POST', '/tenant-prices', input));
    expect(refusal(await operator('POST', '/tenant-prices', input))).toEqual([409, 'conflict', null]);
    const { body } = await fixture.viewer('GET', '/connections?name=brief');
    await fixture.manager('DELETE', `/connections/${(body.data as { id: string }[])[0]?.id}`);
    expect(refusal(await fixture.viewer('GET', `/tenant-prices/${id}`))).toEqual([404, 'not_found', null]);
  });

  it('and its mark-up are for operators: nobody sets what he is billed by', async () => {
    const input = { connection: 'azure', model: 'cheap', amounts: { input: 0, output: 0 } };
    expect(refusal(await fixture.owner('POST', '/tenant-prices', input))).toEqual([403, 'insufficient_role', null]);
    expect(refusal(await fixture.owner('PATCH', '/tenants/acme', { markup_per_mille: -1000 }))).toEqual([
      403,
      'insufficient_role',
      'markup_per_mille',
    ]);
    expect((await operator('PATCH', '/tenants/other', { markup_per_mille: 150 })).body).toMatchObject({ markup_per_mille: 150 });
    expect((await fixture.stranger('GET', '/tenants/other')).body).toMatchObject({ markup_per_mille: 150 });
  });
});

describe('prices.explain', () => {
  const use = { input_tokens: 1000, output_tokens: 100 };

  it('tells cost and charge of a call, and of one without a price neither', async () => {
    const { id } = await price('explained');
    await hasCome('explained', id);
    expect(await explain('explained', { use })).toEqual({
      object: 'price_explanation',
      connection: 'azure',
      provider: 'azure',
      model: 'explained',
      at: expect.any(Number),
      price: { id, currency: 'USD', amounts, markup_per_mille: 0 },
      cost: 3500,
      charge: 3500,
    });
    expect(await explain('unheard-of', { use })).toMatchObject({ provider: 'azure', price: null, cost: null, charge: null });
    expect(await explain('explained', { connection: 'main', use })).toMatchObject({ provider: null, price: null, cost: null });
    expect(await explain('explained', { use: { audio_seconds: 5 } })).toMatchObject({ price: { id }, cost: null, charge: null });
  });

  it('takes the row that holds when the call starts', async () => {
    const [first, second] = [await price('dated'), await price('dated', { valid_from: '2027-01-01', amounts: { input: 1 } })];
    await hasCome('dated', second.id, { at: '2027-01-01' });
    expect((await pricedBy('dated', { at: '2026-12-31T23:59:59Z' }))?.id).toBe(first.id);
    expect((await pricedBy('dated', { at: 1 }))?.id).toBe(first.id);
  });

  it("prefers the tenant's row, and follows each change within the change feed", async () => {
    const { id: listed } = await price('preferred');
    await hasCome('preferred', listed);
    const { id } = await ofTenant('preferred', { amounts: { input: 1_000_000, output: 0 } });
    await hasCome('preferred', id);
    await operator('PATCH', `/tenant-prices/${id}`, { tenant: 'acme', markup_per_mille: 500 });
    await until('the mark-up has come', async () => (await explain('preferred', { use }))['charge'] === 1500);
    expect((await explain('preferred', { use }))['cost']).toBe(1000);
    await operator('PATCH', `/tenant-prices/${id}`, { tenant: 'acme', amounts: null });
    await hasCome('preferred', listed);
    expect(await explain('preferred', { use })).toMatchObject({ cost: 3500, charge: 5250 });
    await operator('DELETE', `/tenant-prices/${id}?tenant=acme`);
    await operator('PATCH', '/tenants/acme', { markup_per_mille: 100 });
    await until("the tenant's mark-up has come", async () => (await explain('preferred', { use }))['charge'] === 3850);
    await operator('PATCH', '/tenants/acme', { markup_per_mille: 0 });
    await operator('DELETE', `/prices/${listed}`);
    await until('no price is left', async () => (await pricedBy('preferred')) === null);
  });

  it("knows no connection but the tenant's", async () => {
    const asked = { connection: 'azure', model: 'explained' };
    expect(refusal(await fixture.stranger('POST', '/prices/explain', asked))).toEqual([400, 'invalid_value', 'connection']);
    expect(refusal(await operator('POST', '/prices/explain', asked))).toEqual([400, 'missing_required_parameter', 'tenant']);
    expect((await operator('POST', '/prices/explain', { tenant: 'acme', ...asked })).status).toBe(200);
  });
});

describe('prices in a file', () => {
  const results = ({ body }: { body: Record<string, unknown> }) =>
    (body['results'] as { action: string; kind: string; name: string; tenant: string | null }[])
      .filter(({ kind, action }) => kind.includes('price') || action !== 'unchanged')
      .map(({ action, kind, tenant, name }) => `${action} ${kind} ${tenant ?? ''}: ${name}`);
  const apply = async (file: object, options: object = {}) => {
    const reply = await operator('POST', '/apply', { file, ...options });
    expect([reply.status, reply.body.error]).toEqual([200, undefined]);
    return results(reply);
  };
  const azure = { name: 'azure', base_url: 'http://127.0.0.1:9/openai/v1', wire: 'azure' };
  const dated = { provider: 'bedrock', model: 'filed', valid_from: '2026-06-01', amounts: { input: 7 }, currency: 'EUR' };
  const usual = { provider: 'bedrock', model: 'filed', amounts };
  const tenant = (more: object) => ({ slug: 'filed', connections: [azure], ...more });
  const own = { connection: 'azure', model: '*', amounts: { input: 0, output: 0 } };
  const marked = { connection: 'azure', model: 'filed', markup_per_mille: 100 };

  it('become so, stay so, change and leave, those of the platform and those of a tenant', async () => {
    const first = { prices: [dated, usual], tenants: [tenant({ markup_per_mille: 20, prices: [own, marked] })] };
    expect(await apply(first, { dry_run: true })).toContain('created price : bedrock filed');
    expect((await operator('GET', '/prices?provider=bedrock')).body.data).toEqual([]);
    expect(await apply(first)).toEqual([
      'created price : bedrock filed from 2026-06-01T00:00:00Z',
      'created price : bedrock filed',
      'created tenant filed: filed',
      'created connection filed: azure',
      'created tenant_price filed: azure *',
      'created tenant_price filed: azure filed',
    ]);
    expect((await apply(first)).map((line) => line.split(' ')[0])).toEqual(Array(4).fill('unchanged'));
    const second = {
      prices: [{ ...usual, amounts: { input: 9 } }],
      tenants: [tenant({ prices: [{ ...marked, markup_per_mille: null, amounts }] })],
    };
    expect(await apply(second)).toEqual(['updated price : bedrock filed', 'updated tenant_price filed: azure filed']);
    expect(await apply({ tenants: [tenant({})] }, { prune: true })).toEqual([]);
    expect(await apply(second, { prune: true })).toEqual(
      expect.arrayContaining([
        'unchanged price : bedrock filed',
        'deleted price : bedrock filed from 2026-06-01T00:00:00Z',
        'unchanged tenant_price filed: azure filed',
        'deleted tenant_price filed: azure *',
      ]),
    );
    const { body: shown } = await operator('GET', '/export?tenant=filed');
    expect(shown['tenants']).toMatchObject([
      { slug: 'filed', markup_per_mille: 20, prices: [{ connection: 'azure', model: 'filed', amounts }] },
    ]);
    const { body: all } = await operator('GET', '/export');
    expect(all['prices']).toEqual([{ provider: 'bedrock', model: 'filed', amounts: { input: 9 } }]);
  });

  it('are for operators, whatever an owner hands in, and what the file does not name stays', async () => {
    const owner = (file: object, options: object = {}) => fixture.owner('POST', '/apply', { file, ...options });
    await ofTenant('kept', { amounts });
    const { body } = await fixture.owner('GET', '/export');
    const [mine] = body['tenants'] as { prices: object[] }[];
    expect((await owner({ tenants: [{ ...mine }] })).body['changed']).toBe(0);
    expect(refusal(await owner({ tenants: [{ ...mine, prices: [...(mine?.prices ?? []), marked] }] }))).toEqual([
      403,
      'insufficient_role',
      `file.tenants[0].prices[${mine?.prices.length}]`,
    ]);
    expect(refusal(await owner({ tenants: [{ ...mine, prices: [] }] }, { prune: true }))[1]).toBe('insufficient_role');
    expect(refusal(await owner({ prices: [] }))).toEqual([403, 'insufficient_role', 'file.prices']);
    const { prices: _prices, ...silent } = mine ?? { prices: [] };
    expect((await owner({ tenants: [silent] }, { prune: true })).body['changed']).toBe(0);
  });

  it.each<[object, string]>([
    [{ prices: [usual, usual] }, 'file.prices[1].model'],
    [{ tenants: [tenant({ prices: [own, own] })] }, 'file.tenants[0].prices[1].model'],
    [{ prices: [{ ...usual, amounts: {} }] }, 'file.prices[0].amounts'],
    [{ tenants: [tenant({ prices: [{ ...own, connection: 'absent' }] })] }, 'file.tenants[0].prices[0].connection'],
    [{}, 'file.tenants'],
  ])('are refused with their place in %j', async (file, param) => {
    expect(refusal(await operator('POST', '/apply', { file }))).toEqual([400, 'invalid_value', param]);
  });

  it('and on the command line are what the platform has', async () => {
    const folder = mkdtempSync(join(runFolder(), 'prices-'));
    const text = async (...args: string[]) => {
      const run = await runCli(args, {
        GT_ADMIN_URL: fixture.app.adminUrl,
        GT_ADMIN_TOKEN: fixture.app.operatorToken,
        GT_DATA_DIR: folder,
      });
      expect({ code: run.code, err: run.err }).toEqual({ code: 0, err: '' });
      return run.out;
    };
    const gt = async (...args: string[]) => JSON.parse(await text(...args, '--json')) as Record<string, unknown>;
    const vertex = ['--provider', 'vertex', '--model', 'typed', '--valid-from', '2027-01-01'];
    const { id } = await gt('price', 'create', ...vertex, '--amounts', '{input: 5}');
    expect(await gt('price', 'list', '--provider', 'vertex')).toMatchObject({
      data: [{ id, model: 'typed', amounts: { input: 5 } }],
    });
    await gt(
      'tenant-price',
      'create',
      '--tenant',
      'acme',
      '--connection',
      'azure',
      '--model',
      'typed',
      '--markup-per-mille',
      '-100',
    );
    const path = join(folder, 'prices.yaml');
    writeFileSync(path, 'prices:\n  - { provider: vertex, model: typed, valid_from: 2027-01-01, amounts: { input: 6 } }\n');
    expect(await gt('apply', '-f', path)).toMatchObject({
      changed: 1,
      results: [{ kind: 'price', tenant: null, id, action: 'updated' }],
    });
    const asked = ['--tenant', 'acme', '--connection', 'azure', '--model', 'typed', '--use', '{input_tokens: 5}'];
    expect(await gt('price', 'explain', ...asked)).toMatchObject({ provider: 'azure', price: null, cost: null, charge: null });
    expect(await text('price', 'explain', ...asked)).toMatch(
      /^A call of typed on azure at \d{4}-\S+Z has no price: azure has no price for the model here, and the tenant has none of its own\.\n$/,
    );
    const typed = ['--connection', 'azure', '--model', 'typed', '--tenant', 'acme'];
    const amounts =
      '{input: 150000, image_sizes: {1024x1024: 40000}, long_input: {above: 1000, input: 300000}, batch_discount: 500}';
    await gt('tenant-price', 'create', ...typed, '--valid-from', '2026-01-01', '--amounts', amounts);
    expect(await text('tenant-price', 'list', '--tenant', 'acme', '--model', 'typed')).toContain(
      'input 0.15, image_sizes (1024x1024 0.04), long_input (above 1000, input 0.30), batch_discount 500',
    );
    const answered = ['--use', '{input_tokens: 5, output_tokens: 1}'];
    expect(await text('price', 'explain', ...typed, ...answered)).toContain('It has no cost: the price says nothing of a part');
    expect(await text('price', 'explain', ...asked)).toMatch(
      /has this price:\n\nprice [^]*amounts\n {2}input +0\.15\n[^]*\nIt costs 0\.000001 USD and is charged at 0\.000001 USD\.\n$/,
    );
  });
});

describe('prices.import', () => {
  interface Imported {
    readonly model: string;
    readonly action: string;
    readonly id: string | null;
  }
  const bring = async (rest: object = {}) => {
    const { status, body } = await operator('POST', '/prices/import', { list: 'public', ...rest });
    expect(status).toBe(200);
    return { changed: body['changed'] as number, results: body['results'] as Imported[] };
  };
  const actions = (results: readonly Imported[]) => [...new Set(results.map(({ action }) => action))].sort();

  it('brings in what is missing, changes nothing again, and leaves alone what somebody has set', async () => {
    const { id: own } = await expectCreated(
      operator('POST', '/prices', { provider: 'anthropic', model: 'claude-sonnet-5-5', amounts: { input: 1, output: 1 } }),
    );
    const planned = await bring({ dry_run: true });
    expect(planned.results.filter(({ action, id }) => action === 'created' && id !== null)).toEqual([]);
    expect((await operator('GET', '/prices?origin=public')).body.data).toEqual([]);
    const first = await bring();
    expect([actions(first.results), first.changed]).toEqual([['created', 'kept'], planned.changed]);
    expect(first.results.filter(({ action }) => action === 'kept').map(({ model }) => model)).toEqual(
      Array(2).fill('claude-sonnet-5-5'),
    );
    expect(await bring()).toMatchObject({ changed: 0, results: first.results.map(({ id }) => ({ id })) });
    const { body } = await operator('GET', '/prices?provider=anthropic&model=claude-sonnet-5-5');
    expect(body.data).toMatchObject([{ id: own, amounts: { input: 1, output: 1 }, origin: 'own' }]);
  });

  it('brings a changed price of the list to what the list has, and never one that somebody changed', async () => {
    const { results } = await bring({ providers: ['groq'] });
    const [followed, changed] = results as [Imported, Imported];
    const database = new pg.Client({ connectionString: fixture.app.databaseUrl });
    await database.connect();
    await database.query(`update prices set amounts = '{"input":1}' where id = $1`, [followed.id]);
    await database.end();
    await operator('PATCH', `/prices/${changed.id}`, { amounts: { input: 2, output: 2 } });
    const again = await bring({ providers: ['groq'] });
    expect(again.changed).toBe(1);
    expect(again.results.slice(0, 3).map(({ action }) => action)).toEqual(['updated', 'kept', 'unchanged']);
    expect((await operator('GET', `/prices/${changed.id}`)).body).toMatchObject({
      amounts: { input: 2, output: 2 },
      origin: 'own',
    });
    expect((await operator('GET', `/prices/${followed.id}`)).body).toMatchObject({
      origin: 'public',
      amounts: { output: expect.any(Number) },
    });
  });

  it('makes nothing that a file prunes or an export has', async () => {
    await bring();
    const { body } = await operator('POST', '/apply', { file: { prices: [] }, prune: true });
    expect((body['results'] as { name: string }[]).filter(({ name }) => name.startsWith('xai'))).toEqual([]);
    expect((await operator('GET', '/export')).body['prices']).toBeUndefined();
    expect((await operator('GET', '/prices?provider=xai&limit=1')).body.data).toMatchObject([{ origin: 'public' }]);
  });

  it('tells people on the command line what was left alone, and how much is as it was', async () => {
    await bring();
    const { id } = await expectCreated(
      operator('POST', '/prices', { provider: 'cohere', model: 'embed-v4.0', valid_from: '2027-01-01', amounts: { input: 1 } }),
    );
    const { code, out } = await runCli(['price', 'import', '--list', 'public', '--providers', 'cohere'], {
      GT_ADMIN_URL: fixture.app.adminUrl,
      GT_ADMIN_TOKEN: fixture.app.operatorToken,
      GT_DATA_DIR: mkdtempSync(join(runFolder(), 'prices-')),
    });
    expect([
      code,
      out
        .trimEnd()
        .split('\n')
        .map((line) => line.split(/ {2,}/)),
    ]).toEqual([
      0,
      [
        ['ACTION', 'PROVIDER', 'MODEL', 'VALID FROM', 'CHECKED', 'SOURCE'],
        ['kept', 'cohere', 'embed-v4.0', '-', expect.any(String), 'Cohere, Pricing'],
        [''],
        [expect.stringMatching(/^Changed 0, \d+ as they are\.$/)],
      ],
    ]);
    await operator('DELETE', `/prices/${id}`);
  });

  it.each<[object, string]>([
    [{}, 'list'],
    [{ list: 'secret' }, 'list'],
    [{ list: 'public', providers: ['nobody'] }, 'providers[0]'],
  ])('refuses %j', async (input, param) => {
    expect(refusal(await operator('POST', '/prices/import', input))[2]).toBe(param);
  });
});

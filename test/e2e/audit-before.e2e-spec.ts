import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { adminRouteIds, adminRouteRow, type AdminRouteId } from '../../src/catalog/admin-routes.js';
import { createOperatorToken } from '../../src/modules/members/bootstrap.js';
import { expectCreated, startAdminFixture, type AdminFixture } from '../support/admin-fixture.js';

interface Row {
  readonly action: string;
  readonly changes: object;
  readonly before: object | null;
  readonly address: string | null;
  readonly request_id: string;
}

/** One kind of object: how it is made and changed, and what the audit says of the change. */
interface Kind {
  readonly made: object;
  readonly change: object;
  readonly before: object;
  readonly changes: object;
  /** The platform's objects stand in the operators' audit. */
  readonly isPlatforms?: true;
}

const amounts = { input: 2_500_000, output: 10_000_000 };
const raw = { connection: 'main', model: 'big' };
const chat = { chat: raw };
const token = (word: string) => ({ mode: 'header_token', token: word });

/** Every resource with rows that change or delete; the test below holds that none is left out. */
const kinds: Readonly<Record<string, Kind>> = {
  tenants: {
    made: { slug: 'audited', hosts: ['a.example'] },
    change: { name: 'New', hosts: ['b.example'], limits: { requests_per_minute: 5 }, markup_per_mille: 0, approval: ['*'] },
    before: { name: 'audited', hosts: ['a.example'], limits: { requests_per_minute: null }, approval: [] },
    changes: { name: 'New', hosts: ['b.example'], limits: { requests_per_minute: 5 }, approval: ['*'] },
  },
  members: {
    made: { email: 'a@example.org', name: 'A', role: 'manager' },
    change: { role: 'viewer', name: 'A' },
    before: { role: 'manager' },
    changes: { role: 'viewer' },
  },
  connections: {
    made: {
      name: 'audited',
      base_url: 'http://127.0.0.1:9/v1',
      auth: { ...token('canary-1'), further_tokens: ['canary-2'] },
      headers: { 'x-team': 'canary-3' },
      proxy: { url: 'http://127.0.0.1:9', username: 'canary-4', password: 'canary-5' },
    },
    change: { auth: token('canary-6'), headers: { 'x-plan': 'canary-7' }, limits: { max_parallel: 5 } },
    before: { auth: { secret: 'set', further_tokens: 'set' }, headers: { 'x-team': 'set' }, limits: { max_parallel: null } },
    changes: { auth: { secret: 'set', further_tokens: 'kept' }, headers: { 'x-team': 'kept', 'x-plan': 'set' } },
  },
  datasets: {
    made: { alias: 'audited', embedding: { connection: 'main', model: 'embed' } },
    change: { name: 'New', embedding: { connection: 'main', model: 'other' } },
    before: { embedding: { connection: 'main', model: 'embed' } },
    changes: { name: 'New', embedding: { connection: 'main', model: 'other' } },
  },
  agents: {
    made: { name: 'audited', instructions: 'Be kind.', models: chat },
    change: { instructions: 'Be brief.', models: chat },
    before: { instructions: 'Be kind.' },
    changes: { instructions: 'Be brief.' },
  },
  endpoints: {
    made: { name: 'audited', raw_model: raw },
    change: { name: 'renamed', default: true },
    before: { name: 'audited', default: false },
    changes: { name: 'renamed', default: true },
  },
  keys: {
    made: { name: 'audited', preset: 'multimodal-workspace' },
    change: { raw_models: ['a', 'a'], expires_at: '2099-01-01', allowed_ips: [], approval: ['files.create'] },
    before: { raw_models: [], expires_at: null, approval: [] },
    changes: { raw_models: ['a'], expires_at: Date.parse('2099-01-01') / 1000, approval: ['files.create'] },
  },
  presets: {
    made: { slug: 'audited', name: 'A', purpose: 'inference', scopes: ['inference:chat'] },
    change: { scopes: ['inference:embed'], name: 'A' },
    before: { scopes: ['inference:chat'] },
    changes: { scopes: ['inference:embed'] },
  },
  prices: {
    made: { provider: 'azure', model: 'audited', amounts },
    change: { amounts: { ...amounts, input: 1 } },
    before: { amounts, origin: 'own' },
    changes: { amounts: { ...amounts, input: 1 }, origin: 'own' },
    isPlatforms: true,
  },
  'tenant-prices': {
    made: { connection: 'main', model: 'audited', markup_per_mille: 50 },
    change: { markup_per_mille: 70 },
    before: { markup_per_mille: 50 },
    changes: { markup_per_mille: 70 },
  },
  budgets: {
    made: { window: 'month', amount: 5 },
    change: { amount: 7, hard: true },
    before: { amount: 5 },
    changes: { amount: 7 },
  },
  webhooks: {
    made: { url: 'http://127.0.0.1:9/hook', events: ['file.ready'] },
    change: { state: 'disabled', events: ['file.ready'] },
    before: { state: 'active' },
    changes: { state: 'disabled' },
  },
  'admin-tokens': {
    made: { name: 'audited', role: 'viewer' },
    change: {},
    before: {},
    changes: {},
  },
};

let fixture: AdminFixture;
let client: pg.Client;
/** Secrets that answers have shown. */
const shown: string[] = [];

beforeAll(async () => {
  fixture = await startAdminFixture();
  client = new pg.Client({ connectionString: fixture.app.databaseUrl });
  await client.connect();
});
afterAll(async () => {
  await client.end();
  await fixture.close();
});

const ask = (method: string, path: string, body?: object) => fixture.app.admin(method, path, body);

async function made(resource: string, input: object = {}): Promise<string> {
  const isOwned = resource !== 'tenants' && resource !== 'prices';
  const body = { ...kinds[resource]?.made, ...(isOwned ? { tenant: 'acme' } : {}), ...input };
  const { id, secret } = await expectCreated(ask('POST', `/${resource}`, body));
  if (typeof secret === 'string') shown.push(secret);
  return id as string;
}

/** All that was recorded of an object, the oldest first; from the tables, since a tenant's own goes with it. */
async function recorded(id: string): Promise<Row[]> {
  const columns = 'action, changes, before, address, request_id, created_at, id';
  const { rows } = await client.query<Row>(
    `select * from (select ${columns} from audit where object_id = $1
                    union all select ${columns} from operator_audit where object_id = $1 and in_tenant is null) a order by created_at, id`,
    [id],
  );
  return rows;
}

const rowsOf = (...methods: string[]) => adminRouteIds.filter((id) => methods.includes(adminRouteRow(id).method));
const resourceOf = (id: AdminRouteId) => id.slice(0, id.indexOf('.'));

describe('the audit of every kind of object', () => {
  it('is looked at here', () => {
    // Sessions begin by signing in, a tenant has one sign-in of its own, and files are uploaded: sign-in.e2e-spec, oidc.e2e-spec and
    // files-admin.e2e-spec look at them.
    const objects = rowsOf('PATCH', 'PUT', 'DELETE').filter((id) => !/^(session|oidc|files)/.test(resourceOf(id)));
    expect(new Set(objects.map(resourceOf))).toEqual(new Set(Object.keys(kinds)));
  });

  it.each(Object.entries(kinds))('%s: says what was there before each change, and from where it came', async (resource, kind) => {
    const id = await made(resource);
    const path = `/${resource}/${id}`;
    const isTenant = resource === 'tenants';
    const changed = Object.keys(kind.change).length > 0;
    if (changed) {
      const tenant = isTenant || kind.isPlatforms ? {} : { tenant: 'acme' };
      expect([resource, (await ask('PATCH', path, { ...kind.change, ...tenant })).status]).toEqual([resource, 200]);
      expect((await recorded(id)).at(-1)).toMatchObject({ action: 'update', before: kind.before, changes: kind.changes });
      const [, { before, changes } = { before: {}, changes: {} }] = await recorded(id);
      expect(Object.keys(before ?? {}).sort()).toEqual(Object.keys(changes).sort());
    }
    const all = await recorded(id);
    expect((await ask('DELETE', isTenant || kind.isPlatforms ? path : `${path}?tenant=acme`)).status).toBe(200);
    const rows = [...(isTenant ? all : []), ...(await recorded(id))];
    expect(rows.map(({ action }) => action)).toEqual(['create', ...(changed ? ['update'] : []), 'delete']);
    expect(rows[0]?.before).toBeNull();
    // What it was at its end: as it was made, with what the change has made of it.
    const { limits: _limits, auth: _auth, headers: _headers, ...plain } = kind.changes as Record<string, unknown>;
    expect(rows.at(-1)?.before).toMatchObject(plain);
    for (const { address, request_id: requestId } of rows)
      expect([address, requestId]).toEqual(['127.0.0.1', expect.any(String)]);
  });
});

describe('the audit of what is done to an object', () => {
  const tenant = { tenant: 'acme' };

  it('says what it was before', async () => {
    const key = await made('keys', { name: 'verbs' });
    const lastFour = shown.at(-1)?.slice(-4);
    for (const verb of ['rotate', 'disable', 'enable', 'revoke']) await ask('POST', `/keys/${key}/${verb}`, tenant);
    const [, rotated, ...states] = await recorded(key);
    expect(rotated).toMatchObject({ action: 'rotate', before: { last_four: lastFour } });
    expect(states.map(({ before, changes }) => [before, changes])).toEqual([
      [{ state: 'active' }, { state: 'disabled' }],
      [{ state: 'disabled' }, { state: 'active' }],
      [{ state: 'active' }, { state: 'revoked' }],
    ]);
  });

  it('says it of tokens, webhooks, datasets and agents too', async () => {
    const adminToken = await made('admin-tokens');
    const webhook = await made('webhooks');
    const dataset = await made('datasets', { alias: 'verbs' });
    const agent = await made('agents', { name: 'verbs' });
    await ask('POST', `/admin-tokens/${adminToken}/revoke`, tenant);
    shown.push((await ask('POST', `/webhooks/${webhook}/rotate`, tenant)).body.secret as string);
    await ask('POST', `/datasets/${dataset}/reembed`, tenant);
    await ask('POST', `/agents/${agent}/publish`, tenant);
    const before = async (id: string) => (await recorded(id)).at(-1)?.before;
    expect(await before(adminToken)).toEqual({ name: 'audited', revoked_at: null });
    expect(await before(webhook)).toEqual({ secret: 'set' });
    expect(await before(dataset)).toEqual({ generation: 1 });
    expect(await before(agent)).toEqual({ revision: null });
  });

  it('names the tokens that a lower role ends, and those that go with their member', async () => {
    const member = await made('members', { email: 'b@example.org' });
    const own = await made('admin-tokens', { member, role: 'manager' });
    await ask('PATCH', `/members/${member}`, { ...tenant, role: 'viewer' });
    expect((await recorded(own)).at(-1)).toMatchObject({ action: 'revoke', changes: { member } });
    await ask('DELETE', `/members/${member}?tenant=acme`);
    expect((await recorded(member)).at(-1)?.before).toMatchObject({ role: 'viewer', admin_tokens: [own] });
  });

  it('names the endpoint that loses the default to another one', async () => {
    const first = await made('endpoints', { name: 'first', default: true });
    await made('endpoints', { name: 'second', default: true });
    expect((await recorded(first)).at(-1)).toMatchObject({ before: { default: true }, changes: { default: false } });
  });

  it('names an operator token that is revoked', async () => {
    shown.push(await createOperatorToken(fixture.app.databaseUrl, 'ending'));
    const { rows } = await client.query<{ id: string }>(`select id from operator_tokens where name = 'ending'`);
    const id = rows[0]?.id ?? '';
    await ask('POST', `/operator-tokens/${id}/revoke`);
    const [made, revoked] = await recorded(id);
    expect(made).toMatchObject({ before: null, address: null });
    expect(revoked).toMatchObject({ before: { name: 'ending', revoked_at: null }, address: '127.0.0.1' });
  });
});

it('no secret of any of them is in any row', async () => {
  const { rows } = await client.query<{ text: string }>(
    'select row_to_json(a)::text as text from audit a union all select row_to_json(o)::text from operator_audit o',
  );
  const all = rows.map(({ text }) => text).join('\n');
  expect(shown.length).toBeGreaterThan(6);
  for (const secret of ['canary', fixture.app.operatorToken, ...shown]) expect(all).not.toContain(secret);
});

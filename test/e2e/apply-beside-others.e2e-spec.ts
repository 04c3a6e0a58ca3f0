import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createOperatorToken } from '../../src/modules/members/bootstrap.js';
import { call, createMigratedDatabase, type ApiReply } from '../support/app.js';
import { until } from '../support/until.js';
import { runFolder, type TestDatabase } from '../support/postgres.js';
import { startProduct, type ProductProcess } from '../support/product-process.js';

const keys = 5_000;
const revokes = 40;
const minuteMs = 60_000;

let database: TestDatabase;
let operator: string;
let applying: ProductProcess;
let other: ProductProcess;

beforeAll(async () => {
  database = await createMigratedDatabase();
  operator = await createOperatorToken(database.url, 'test');
  const start = (): Promise<ProductProcess> =>
    startProduct('main', { databaseUrl: database.url, dataDir: mkdtempSync(join(runFolder(), 'data-')) });
  applying = await start();
  other = await start();
}, 120_000);
afterAll(async () => {
  await other.stop();
  await applying.stop();
  await database.drop();
});

const admin = (process: ProductProcess, path: string, body: object): Promise<ApiReply> =>
  call(`${process.url}/api/admin/v1${path}`, 'POST', operator, body);

const fileOf = (slug: string, count: number, more: object = {}): object => ({
  tenants: [
    {
      slug,
      keys: Array.from({ length: count }, (_, n) => ({ name: `key-${n}`, preset: 'openai-chat-client', agents: ['*'], ...more })),
    },
  ],
});

interface Result {
  readonly kind: string;
  readonly action: string;
  readonly id: string;
  readonly secret: string;
}

async function apply(file: object, options: object = {}): Promise<Result[]> {
  const { status, body } = await admin(applying, '/apply', { file, ...options });
  expect([status, body.error]).toEqual([200, undefined]);
  return (body.results as Result[]).filter(({ kind }) => kind === 'key');
}

const statusOf = async (process: ProductProcess, secret: string): Promise<number> =>
  (await call(`${process.url}/api/tenant/v1/models`, 'GET', secret)).status;

/** Applies while another tenant revokes one key after the other; each is answered and obeyed, the first ones before the apply ends. */
async function applyBesideRevokes(file: object, options: object = {}): Promise<Result[]> {
  const slug = `other-${(others += 1)}`;
  const waiting = await apply(fileOf(slug, revokes));
  for (const { secret } of waiting) for (const process of [applying, other]) expect(await statusOf(process, secret)).toBe(200);
  const from = performance.now();
  let tookMs: number | undefined;
  const large = apply(file, options).finally(() => (tookMs = performance.now() - from));
  let obeyedBeside = 0;
  for (let next = waiting.pop(); next !== undefined && tookMs === undefined; next = waiting.pop()) {
    const { id, secret } = next;
    expect((await admin(applying, `/keys/${id}/revoke`, { tenant: slug })).status).toBe(200);
    for (const process of [applying, other])
      await until('the revoke is obeyed', async () => (await statusOf(process, secret)) === 401);
    if (tookMs === undefined) obeyedBeside += 1;
  }
  const results = await large;
  expect(tookMs).toBeLessThan(minuteMs);
  expect(obeyedBeside).toBeGreaterThan(0);
  return results;
}

let others = 0;

const actionsIn = (results: readonly Result[]): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const { action } of results) counts[action] = (counts[action] ?? 0) + 1;
  return counts;
};

describe('while one tenant applies thousands of keys', () => {
  it("another's revokes are answered and obeyed by every process meanwhile: new keys", async () => {
    const made = await applyBesideRevokes(fileOf('large', keys));
    expect(actionsIn(made)).toEqual({ created: keys });
    for (const { secret } of [made[0], made.at(-1)].filter((one) => one !== undefined))
      for (const process of [applying, other]) expect(await statusOf(process, secret)).toBe(200);
  }, 150_000);

  it('and so they are while thousands of keys change, and while they are pruned', async () => {
    const changes = { agents: ['assistant'], limits: { requests_per_minute: 5 }, state: 'disabled' };
    expect(actionsIn(await applyBesideRevokes(fileOf('large', keys, changes)))).toEqual({ updated: keys });
    expect(actionsIn(await apply(fileOf('large', keys, changes)))).toEqual({ unchanged: keys });
    expect(actionsIn(await applyBesideRevokes(fileOf('large', 0), { prune: true }))).toEqual({ deleted: keys });
  }, 250_000);

  it('ten appliers at once all succeed, those of one tenant one after the other', async () => {
    const slugs = ['many-1', 'many-2', 'many-3', 'many-4', 'many-5'];
    const made = await Promise.all([...slugs, ...slugs].map((slug) => apply(fileOf(slug, 40))));
    const secrets = made.flat().filter(({ secret }) => secret !== undefined);
    expect(secrets.length).toBe(5 * 40);
    for (const { secret } of secrets.filter((_, n) => n % 40 === 0)) expect(await statusOf(other, secret)).toBe(200);
  }, 120_000);
});

import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createOperatorToken } from '../../src/modules/members/bootstrap.js';
import { call, createMigratedDatabase, type ApiReply } from '../support/app.js';
import { runFolder, type TestDatabase } from '../support/postgres.js';
import { startProduct, type ProductProcess } from '../support/product-process.js';
import { until } from '../support/until.js';

const keys = 5_000;
const revokes = 25;

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

const fileOf = (slug: string, count: number): object => ({
  tenants: [
    {
      slug,
      keys: Array.from({ length: count }, (_, n) => ({ name: `key-${n}`, preset: 'openai-chat-client', agents: ['*'] })),
    },
  ],
});

interface Made {
  readonly id: string;
  readonly secret: string;
}

async function apply(slug: string, count: number): Promise<Made[]> {
  const { status, body } = await admin(applying, '/apply', { file: fileOf(slug, count) });
  expect([status, body.error]).toEqual([200, undefined]);
  return (body.results as { kind: string; id: string; secret: string }[]).filter(({ kind }) => kind === 'key');
}

const statusOf = async (process: ProductProcess, secret: string): Promise<number> =>
  (await call(`${process.url}/api/tenant/v1/models`, 'GET', secret)).status;

describe('while one tenant applies thousands of keys', () => {
  it("another's revokes are answered and obeyed by every process, and the apply succeeds in a minute", async () => {
    const others = await apply('other', revokes);
    for (const { secret } of others) for (const process of [applying, other]) expect(await statusOf(process, secret)).toBe(200);
    const from = performance.now();
    let tookMs: number | undefined;
    const large = apply('large', keys).finally(() => (tookMs = performance.now() - from));
    for (const { id, secret } of others) {
      const { status } = await admin(applying, `/keys/${id}/revoke`, { tenant: 'other' });
      expect(status).toBe(200);
      for (const process of [applying, other])
        await until('the revoke is obeyed', async () => (await statusOf(process, secret)) === 401);
    }
    const made = await large;
    expect(made.length).toBe(keys);
    expect(tookMs).toBeLessThan(60_000);
    for (const { secret } of [made[0], made.at(-1)].filter((one) => one !== undefined))
      for (const process of [applying, other]) expect(await statusOf(process, secret)).toBe(200);
  }, 150_000);

  it('ten appliers at once all succeed, those of one tenant one after the other', async () => {
    const slugs = ['many-1', 'many-2', 'many-3', 'many-4', 'many-5'];
    const made = await Promise.all([...slugs, ...slugs].map((slug) => apply(slug, 40)));
    const secrets = made.flat().filter(({ secret }) => secret !== undefined);
    expect(secrets.length).toBe(5 * 40);
    for (const { secret } of secrets.filter((_, n) => n % 40 === 0)) expect(await statusOf(other, secret)).toBe(200);
  }, 120_000);
});

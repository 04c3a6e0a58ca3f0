import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import pg from 'pg';
import { adminUsageList, listAdminUsageQuery, listUsageQuery, usageList } from '../../src/contracts/usage.js';
import { presentAdminUsagePage, presentUsagePage } from '../../src/http/presenters/usage.presenter.js';
import { KeyTouches } from '../../src/modules/usage/key-touches.js';
import { UsageDrainRepository } from '../../src/modules/usage/usage-drain.repository.js';
import { UsageRepository } from '../../src/modules/usage/usage.repository.js';
import { UsageService } from '../../src/modules/usage/usage.service.js';
import { ConnectionPool } from '../../src/platform/database/connection-pool.js';
import { migrate } from '../../src/platform/database/migrate.js';
import { PlatformDatabase } from '../../src/platform/database/platform-database.js';
import { TenantDatabase } from '../../src/platform/database/tenant-database.js';
import { beginText, type CallEnd } from '../../src/platform/journal/call-record.js';
import { endedRecord } from '../support/ended-record.js';
import { createTestDatabase, type TestDatabase } from '../support/postgres.js';

let database: TestDatabase;
let connections: ConnectionPool;
let usage: UsageService;

const firstSecond = 1_700_000_000;
const count = 25;

/** Calls of two tenants; several share a moment, as they do in life. */
const calls = Array.from({ length: count }, (_, place) => ({
  id: `use_${String(place).padStart(2, '0')}`,
  tenantId: 'ten_a',
  keyId: place % 5 === 0 ? 'key_b' : 'key_a',
  requestId: `req_${place}`,
  route: place % 2 === 0 ? 'chat.completions.create' : 'embeddings.create',
  endpoint: place % 3 === 0 ? 'assistant' : 'text-embed',
  connectionId: place < 20 ? 'con_a' : 'con_gone',
  model: 'secret-model',
  stream: false,
  startedAtMs: (firstSecond + Math.floor(place / 3)) * 1000,
}));

const huge = 2_000_000_000;

const end = (place: number): CallEnd => ({
  status: 200,
  state: place % 4 === 0 ? 'client_closed' : 'completed',
  source: 'upstream',
  inputTokens: huge,
  cachedInputTokens: 1,
  cacheWriteTokens: place % 2 === 0 ? huge - 1 : 0,
  outputTokens: place,
  reasoningTokens: 2,
  totalTokens: huge,
  latencyMs: 3,
  firstTokenMs: null,
});

const newestFirst = [...calls].sort((one, other) => other.startedAtMs - one.startedAtMs || (one.id < other.id ? 1 : -1));
const idsOf = (rows: readonly { readonly id: string }[]) => rows.map((row) => row.id);

beforeAll(async () => {
  database = await createTestDatabase({ template: { name: 'migrated', prepare: async (url) => void (await migrate(url)) } });
  connections = new ConnectionPool({ DATABASE_URL: database.url, GT_DATABASE_POOL: 4 });
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  await client.query(
    `insert into tenants (id, slug, name, updated_at) values ('ten_a', 'a', 'A', now()), ('ten_b', 'b', 'B', now())`,
  );
  await client.query(
    `insert into connections (tenant_id, id, name, base_url)
     values ('ten_a', 'con_a', 'main', 'http://a.test'), ('ten_b', 'con_gone', 'theirs', 'http://b.test')`,
  );
  await client.end();
  const others = calls.slice(0, 3).map((call) => ({ ...call, id: `use_b${call.id}`, tenantId: 'ten_b' }));
  const records = [...calls, ...others].map((call, place) => endedRecord(beginText(call), end(place)));
  await new UsageDrainRepository(new PlatformDatabase(connections)).write(records, []);
  usage = new UsageService(new UsageRepository(new TenantDatabase(connections)), new KeyTouches());
});

afterAll(async () => {
  await connections.close();
  await database.drop();
});

describe('the list of usage', () => {
  it('shows a key its own calls in the form of the contract, newest first, and nothing of the provider', async () => {
    const page = presentUsagePage(await usage.listOfKey('ten_a', 'key_b', listUsageQuery.parse({})));
    expect(usageList.parse(page)).toEqual(page);
    expect(page.data[0]).toEqual({
      object: 'usage',
      id: 'use_20',
      request_id: 'req_20',
      created_at: firstSecond + 6,
      key: 'key_b',
      route: 'chat.completions.create',
      endpoint: 'text-embed',
      status: 200,
      state: 'client_closed',
      source: 'upstream',
      stream: false,
      input_tokens: huge,
      cached_input_tokens: 1,
      cache_write_tokens: huge - 1,
      output_tokens: 20,
      reasoning_tokens: 2,
      total_tokens: huge,
      latency_ms: 3,
      first_token_ms: null,
      ...{ audio_seconds: null, input_characters: null, images: null, image_size: null },
      ...{ charge: null, currency: null },
    });
    expect(idsOf(page.data)).toEqual(['use_20', 'use_15', 'use_10', 'use_05', 'use_00']);
    expect([page.object, page.first_id, page.last_id, page.has_more]).toEqual(['list', 'use_20', 'use_00', false]);
    expect(JSON.stringify(page)).not.toMatch(/secret-model|con_|main/);
  });

  it('shows admins the model and the connection of each call, and null for a connection that is deleted', async () => {
    const page = presentAdminUsagePage(await usage.listOfTenant('ten_a', listAdminUsageQuery.parse({ limit: '100' })));
    expect(adminUsageList.parse(page)).toEqual(page);
    const expected = newestFirst.map(({ id, connectionId }) => [id, connectionId === 'con_a' ? 'main' : null, 'secret-model']);
    expect(page.data.map(({ id, connection, model }) => [id, connection, model])).toEqual(expected);
  });

  it('sums over the whole filter, not the page, beyond 32 bits', async () => {
    const page = presentUsagePage(await usage.listOfKey('ten_a', 'key_b', listUsageQuery.parse({ limit: '2' })));
    expect(page.data).toHaveLength(2);
    expect(page.totals).toEqual({
      calls: 5,
      input_tokens: 5 * huge,
      cached_input_tokens: 5,
      cache_write_tokens: 3 * (huge - 1),
      output_tokens: 50,
      reasoning_tokens: 10,
      total_tokens: 5 * huge,
      ...{ audio_seconds: 0, input_characters: 0, images: 0 },
      ...{ unpriced_calls: 5, amounts: [] },
    });
  });

  it('walks every call once, whatever the page size, forwards and backwards', async () => {
    const orders = fc.constantFrom('asc' as const, 'desc' as const);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 30 }), orders, fc.boolean(), async (limit, order, backwards) => {
        const all = order === 'desc' ? idsOf(newestFirst) : idsOf(newestFirst).reverse();
        const expected = backwards ? all.slice(0, -1) : all.slice(1);
        const walked: string[] = [];
        let cursor = backwards ? all.at(-1) : all[0];
        for (let hasMore = true; hasMore;) {
          const query = listAdminUsageQuery.parse({ limit, order, [backwards ? 'before' : 'after']: cursor });
          const page = await usage.listOfTenant('ten_a', query);
          hasMore = page.hasMore;
          expect(page.totals.calls).toBe(count);
          if (backwards) walked.unshift(...idsOf(page.rows));
          else walked.push(...idsOf(page.rows));
          cursor = backwards ? walked[0] : walked.at(-1);
        }
        expect(walked).toEqual(expected);
      }),
      { numRuns: 25 },
    );
  });

  it('narrows by every field, page and sums alike', async () => {
    const filters: [Record<string, string>, (call: (typeof calls)[number], place: number) => boolean][] = [
      [{ key: 'key_b' }, (call) => call.keyId === 'key_b'],
      [{ endpoint: 'assistant' }, (call) => call.endpoint === 'assistant'],
      [{ route: 'embeddings.create' }, (call) => call.route === 'embeddings.create'],
      [{ state: 'client_closed' }, (_, place) => place % 4 === 0],
      [{ since: String(firstSecond + 3) }, (call) => call.startedAtMs >= (firstSecond + 3) * 1000],
      [{ until: String(firstSecond + 3) }, (call) => call.startedAtMs < (firstSecond + 3) * 1000],
      [
        { key: 'key_a', endpoint: 'assistant', since: String(firstSecond + 2) },
        (call) => call.keyId === 'key_a' && call.endpoint === 'assistant' && call.startedAtMs >= (firstSecond + 2) * 1000,
      ],
    ];
    for (const [filter, holds] of filters) {
      const page = await usage.listOfTenant('ten_a', listAdminUsageQuery.parse({ ...filter, limit: '100' }));
      const expected = idsOf(calls.filter(holds));
      expect(idsOf(page.rows).sort()).toEqual(expected);
      expect(page.totals.calls).toBe(expected.length);
    }
  });

  it("refuses another tenant's or key's call as a cursor exactly as an unknown one", async () => {
    const unknown = { code: 'invalid_value', param: 'after' };
    for (const after of ['use_nobody', 'use_buse_00', 'use_01']) {
      await expect(usage.listOfKey('ten_a', 'key_b', listUsageQuery.parse({ after }))).rejects.toMatchObject(unknown);
    }
  });

  it('refuses unknown parameters and pages beyond 100', () => {
    expect(listUsageQuery.safeParse({ key: 'key_a' }).success).toBe(false);
    expect(listUsageQuery.safeParse({ limit: '101' }).success).toBe(false);
    expect(listUsageQuery.safeParse({ since: 'yesterday' }).success).toBe(false);
    expect(listAdminUsageQuery.safeParse({ state: 'unknown' }).success).toBe(false);
  });
});

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { newId } from '../../src/kernel/ids.js';
import { ConversationItemsRepository } from '../../src/modules/conversations/conversation-items.repository.js';
import { ConversationLeasesRepository } from '../../src/modules/conversations/conversation-leases.repository.js';
import { ConversationStore } from '../../src/modules/conversations/conversation-store.js';
import { ConversationsRepository } from '../../src/modules/conversations/conversations.repository.js';
import { unrecorded } from '../../src/modules/idempotency/recording.js';
import { withNewId } from '../../src/modules/conversations/item-form.js';
import { ConnectionPool } from '../../src/platform/database/connection-pool.js';
import { migrate } from '../../src/platform/database/migrate.js';
import { TenantDatabase } from '../../src/platform/database/tenant-database.js';
import { compileSource } from '../support/compile-source.js';
import { createTestDatabase, runFolder, type TestDatabase } from '../support/postgres.js';
import { until } from '../support/until.js';

const tenantId = 'ten_a';
const owner = { tenantId, keyId: 'key_a' };
const never = () => new AbortController().signal;
const fixture = fileURLToPath(new URL('../fixtures/conversation-holder.mjs', import.meta.url));
const sources = [
  'kernel',
  'contracts',
  'config',
  'platform/database',
  'platform/database/generated',
  'platform/database/generated/internal',
];

let database: TestDatabase;
let connections: ConnectionPool;
let client: pg.Client;
let id: string;
const children: ChildProcess[] = [];

beforeAll(async () => {
  database = await createTestDatabase({ template: { name: 'migrated', prepare: async (url) => void (await migrate(url)) } });
  connections = new ConnectionPool({ DATABASE_URL: database.url, GT_DATABASE_POOL: 4 });
  client = new pg.Client({ connectionString: database.url });
  await client.connect();
  await client.query(`insert into tenants (id, slug, name) values ($1, $1, $1)`, [tenantId]);
  await client.query(
    `insert into keys (tenant_id, id, name, purpose) select $1, key, key, 'inference' from unnest(array['key_a', 'key_b']) key`,
    [tenantId],
  );
});
beforeEach(async () => {
  id = newId('conversation');
  await client.query('insert into conversations (tenant_id, id, key_id) values ($1, $2, $3)', [tenantId, id, owner.keyId]);
});
afterEach(() => {
  for (const child of children.splice(0)) {
    child.kill('SIGCONT');
    child.kill('SIGKILL');
  }
});
afterAll(async () => {
  await client.end();
  await connections.close();
  await database.drop();
});

/** A store like that of another process: it shares nothing with the others but the database. */
function newStore(times: { waitMs?: number; leaseMs?: number } = {}): ConversationStore {
  const repositories = [
    new ConversationsRepository(),
    new ConversationItemsRepository(),
    new ConversationLeasesRepository(),
  ] as const;
  return new ConversationStore(new TenantDatabase(connections), ...repositories, { waitMs: 15_000, leaseMs: 20_000, ...times });
}

const said = (text: string) =>
  withNewId({ type: 'message', role: 'user', status: 'completed', content: [{ type: 'input_text', text }] });
const texts = async () =>
  (
    await client.query<{ text: string }>(
      `select item -> 'content' -> 0 ->> 'text' as text from conversation_items where conversation_id = $1 order by position`,
      [id],
    )
  ).rows.map(({ text }) => text);
const lease = async () =>
  (
    await client.query<{ lease_owner: string | null; left: number }>(
      `select lease_owner, extract(epoch from lease_until - clock_timestamp())::float as left from conversations where id = $1`,
      [id],
    )
  ).rows[0];

describe('a turn', () => {
  it('holds no connection and no transaction while it is open', async () => {
    const turn = await newStore().beginTurn(tenantId, id, never());
    const { rows } = await client.query(
      `select 1 from pg_stat_activity where datname = current_database() and state like 'idle in transaction%'`,
    );
    expect(rows).toEqual([]);
    expect(connections.pool.idleCount).toBe(connections.pool.totalCount);
    await turn.abandon();
  });

  it('is written whole and in order, and gives the lease back', async () => {
    const turn = await newStore().beginTurn(tenantId, id, never());
    await turn.commit(['a', 'b', 'c'].map(said));
    expect(await texts()).toEqual(['a', 'b', 'c']);
    expect(await lease()).toMatchObject({ lease_owner: null });
    await newStore().append(tenantId, id, [said('d')], unrecorded);
    expect(await texts()).toEqual(['a', 'b', 'c', 'd']);
  });

  it('writes nothing when one of its items cannot be written', async () => {
    const turn = await newStore().beginTurn(tenantId, id, never());
    const twice = said('a');
    await expect(turn.commit([said('x'), twice, twice])).rejects.toThrow();
    expect(await texts()).toEqual([]);
    expect(await lease()).toMatchObject({ lease_owner: null });
  });

  it('ends once: what comes after the end is refused', async () => {
    const turn = await newStore().beginTurn(tenantId, id, never());
    await turn.abandon();
    await expect(turn.commit([said('late')])).rejects.toMatchObject({ code: 'conflict' });
    expect(await texts()).toEqual([]);
  });

  it('keeps its lease for as long as it is open', async () => {
    const turn = await newStore({ leaseMs: 400 }).beginTurn(tenantId, id, never());
    const startedAt = performance.now();
    await until('the lease has lasted for twice its time', () => performance.now() - startedAt > 800);
    expect((await lease())?.left).toBeGreaterThan(0);
    await expect(newStore({ waitMs: 100 }).beginTurn(tenantId, id, never())).rejects.toMatchObject({ code: 'conflict' });
    await turn.commit([said('a')]);
    expect(await texts()).toEqual(['a']);
  });

  it('is not begun in a conversation that is not there', async () => {
    await expect(newStore().beginTurn(tenantId, 'conv_absent', never())).rejects.toMatchObject({ code: 'not_found' });
    await expect(newStore().beginTurn('ten_b', id, never())).rejects.toMatchObject({ code: 'not_found' });
  });
});

describe('the process of a turn', () => {
  let compiled: string;
  beforeAll(async () => {
    compiled = join(await mkdtemp(join(runFolder(), 'compiled-')), 'src');
    await compileSource(compiled, [
      ...sources,
      'platform/database/generated/models',
      'modules/conversations',
      'modules/keys/key-hold.ts',
    ]);
  });

  async function hold(leaseMs: number) {
    const child = spawn(process.execPath, [fixture, compiled, database.url, tenantId, id, String(leaseMs)], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    children.push(child);
    const lines: string[] = [];
    createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
    await until('the other process holds the lease', () => lines.includes('taken'));
    return { child, lines };
  }

  it('loses its lease when it is killed: the next turn waits no longer than that', async () => {
    const { child } = await hold(1_500);
    child.kill('SIGKILL');
    const turn = await newStore().beginTurn(tenantId, id, never());
    await turn.commit([said('next')]);
    expect(await texts()).toEqual(['next']);
  });

  it('cannot write any more when it was stopped for longer than its lease and another turn came', async () => {
    const { child, lines } = await hold(1_500);
    child.kill('SIGSTOP');
    const turn = await newStore().beginTurn(tenantId, id, never());
    await turn.commit([said('next')]);
    child.kill('SIGCONT');
    child.stdin.write('commit\n');
    expect(await until('the other process was refused', () => lines[1])).toBe('conflict');
    expect(await texts()).toEqual(['next']);
  });
});

describe('many turns over several stores', () => {
  it('are all written, each whole', async () => {
    const stores = [newStore(), newStore(), newStore()];
    const write = async (at: number): Promise<void> => {
      const store = stores[at % stores.length] ?? newStore();
      if (at % 5 === 4) {
        await store.append(tenantId, id, [said(`${at}`), said(`${at}`)], unrecorded);
        return;
      }
      const turn = await store.beginTurn(tenantId, id, never());
      if (at % 5 === 3) await turn.abandon();
      else await turn.commit([said(`${at}`), said(`${at}`)]);
    };
    const numbers = Array.from({ length: 60 }, (_unused, at) => at);
    await Promise.all(numbers.map(write));
    const found = await texts();
    expect(found.filter((_text, at) => at % 2 === 0)).toEqual(found.filter((_text, at) => at % 2 === 1));
    const written = numbers.filter((at) => at % 5 !== 3).flatMap((at) => [at, at]);
    expect(found.map(Number).sort((a, b) => a - b)).toEqual(written);
  });
});

describe('a foreign id', () => {
  it('stands for one conversation however many stores ask for it at once', async () => {
    const stores = Array.from({ length: 8 }, () => newStore());
    const ids = await Promise.all(
      stores.map((store) => store.resolve(owner, { kind: 'foreign', foreignId: 'chat-1' }, 'assistant')),
    );
    expect(new Set(ids).size).toBe(1);
    const others = await stores[0]?.resolve({ ...owner, keyId: 'key_b' }, { kind: 'foreign', foreignId: 'chat-1' }, 'assistant');
    expect(ids).not.toContain(others);
  });
});

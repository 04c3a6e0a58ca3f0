import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { ConversationExpiryRepository } from '../../src/modules/conversations/conversation-expiry.repository.js';
import { ConversationExpiryService } from '../../src/modules/conversations/conversation-expiry.service.js';
import { ConnectionPool } from '../../src/platform/database/connection-pool.js';
import { migrate } from '../../src/platform/database/migrate.js';
import { PlatformDatabase } from '../../src/platform/database/platform-database.js';
import { createTestDatabase, type TestDatabase } from '../support/postgres.js';

let database: TestDatabase;
let connections: ConnectionPool;
let client: pg.Client;
let service: ConversationExpiryService;

beforeAll(async () => {
  database = await createTestDatabase({ template: { name: 'migrated', prepare: async (url) => void (await migrate(url)) } });
  connections = new ConnectionPool({ DATABASE_URL: database.url, GT_DATABASE_POOL: 2 });
  client = new pg.Client({ connectionString: database.url });
  await client.connect();
  service = new ConversationExpiryService(new ConversationExpiryRepository(new PlatformDatabase(connections)));
});
beforeEach(async () => {
  await client.query('delete from tenants');
  await client.query(
    `insert into tenants (id, slug, name, retention_days) values ('ten_week', 'w', 'w', 7), ('ten_keep', 'k', 'k', null)`,
  );
});
afterAll(async () => {
  await client.end();
  await connections.close();
  await database.drop();
});

const never = new AbortController().signal;
const left = async () =>
  (await client.query<{ id: string }>('select id from conversations order by id')).rows.map(({ id }) => id);

/** Conversations of a tenant that were last touched so many days ago. */
async function make(tenantId: string, days: number, ids: readonly string[]): Promise<void> {
  await client.query(
    `insert into conversations (tenant_id, id, key_id, updated_at) select $1, id, 'key_a', now() - make_interval(mins => $2) from unnest($3::text[]) as id`,
    [tenantId, Math.round(days * 1440), ids],
  );
}

async function addFile(conversationId: string, days: number): Promise<void> {
  const id = `file-${conversationId}`;
  await client.query(
    `insert into files (tenant_id, id, kind, purpose, filename, media_type, bytes, sha256, storage_key, key_id, conversation_id, created_at)
     values ('ten_week', $1, 'conversation', 'user_data', 'a', 'text/plain', 1, 'x', 'x', 'key_a', $2, now() - make_interval(days => $3))`,
    [id, conversationId, days],
  );
  await client.query(
    `insert into chunks (tenant_id, file_id, ordinal, conversation_id, attempt, text, tokens) values ('ten_week', $1, 0, $2, 1, 'a', 1)`,
    [id, conversationId],
  );
}

describe('the expiry of conversations', () => {
  it("removes what was untouched for longer than the tenant's days, with items, files and passages, and nothing else", async () => {
    await make('ten_week', 7.1, ['conv_old', 'conv_with_file']);
    await make('ten_week', 6.9, ['conv_young']);
    await make('ten_keep', 5000, ['conv_kept']);
    await addFile('conv_with_file', 8);
    await client.query(
      `insert into conversation_items (tenant_id, id, conversation_id, position, item) values ('ten_week', 'msg_1', 'conv_old', 1, '{}')`,
    );
    expect(await service.expire(never)).toBe(2);
    expect(await left()).toEqual(['conv_kept', 'conv_young']);
    const { rows } = await client.query(
      `select (select count(*) from conversation_items) + (select count(*) from files) + (select count(*) from chunks) as n`,
    );
    expect(rows).toEqual([{ n: '0' }]);
  });

  it('leaves a conversation alone in which a turn is under way, or to which a file was added since', async () => {
    await make('ten_week', 8, ['conv_turn', 'conv_file', 'conv_dead_turn']);
    await client.query(
      `update conversations set lease_owner = 'x', lease_until = now() + interval '1 minute' where id = 'conv_turn'`,
    );
    await client.query(
      `update conversations set lease_owner = 'x', lease_until = now() - interval '1 minute' where id = 'conv_dead_turn'`,
    );
    await addFile('conv_file', 1);
    await service.expire(never);
    expect(await left()).toEqual(['conv_file', 'conv_turn']);
  });

  it('goes on until nothing is left, over more than one batch, and stops when it is told', async () => {
    const ids = Array.from({ length: 450 }, (_unused, at) => `conv_${at}`);
    await make('ten_week', 8, ids);
    expect(await service.expire(AbortSignal.abort())).toBe(0);
    expect(await service.expire(never)).toBe(450);
    expect(await service.expire(never)).toBe(0);
  });
});

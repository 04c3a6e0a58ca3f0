import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { startPlatform, type SeededKey, type TestPlatform } from '../support/platform.js';
import { openai, until, user } from '../support/relay.js';

let platform: TestPlatform;
let key: SeededKey;
let database: pg.Client;

beforeAll(async () => {
  platform = await startPlatform();
  key = await platform.factory.key(platform.acme);
  database = new pg.Client({ connectionString: platform.app.databaseUrl });
  await database.connect();
});
afterAll(async () => {
  await database.end();
  await platform.close();
});

const client = () => openai(platform.app.baseUrl, key);
let aliases = 0;

/** Lets the call wait for a table, publishes another alias of the tenant, and goes on when the process has heard of it. */
async function whileWaiting<T>(table: string, call: () => Promise<T>): Promise<T> {
  await database.query(`begin; lock table ${table} in access exclusive mode`);
  const answer = call();
  const waiting = `select 1 from pg_locks where not granted and relation = '${table}'::regclass`;
  await until('the call waits', async () => (await database.query(waiting)).rowCount === 1);
  const name = `added-${(aliases += 1)}`;
  await platform.factory.alias(platform.acme, name);
  await until('the alias is known', async () => (await client().models.list()).data.some(({ id }) => id === name));
  await database.query('rollback');
  return answer;
}

describe('a call during which something of its tenant changes, before it is sent', () => {
  const model = 'assistant';

  it('leaves a response that can be read and gone on from', async () => {
    const first = await client().responses.create({ model, input: 'one' });
    const asked = { model, input: 'two', previous_response_id: first.id };
    const { id, output } = await whileWaiting('responses', () => client().responses.create(asked));
    expect((await client().responses.retrieve(id)).output).toEqual(output);
    const next = await client().responses.create({ model, input: 'three', previous_response_id: id });
    expect(next.previous_response_id).toBe(id);
  });

  it('leaves a stored chat completion and the turn of its conversation', async () => {
    const conversation = await client().conversations.create({});
    const headers = { 'x-gt-conversation-id': conversation.id };
    const asked = { model, messages: [user('one')], store: true };
    const made = await whileWaiting('conversations', () => client().chat.completions.create(asked, { headers }));
    expect((await client().chat.completions.retrieve(made.id)).choices).toEqual(made.choices);
    expect((await client().conversations.items.list(conversation.id)).data).toHaveLength(2);
  });
});

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { migrate } from '../../src/platform/database/migrate.js';
import { createMigratedDatabase } from '../support/app.js';
import type { TestDatabase } from '../support/postgres.js';

const migration = '20261128000600_uses_of_published_agents';
const [model, gone] = [
  '{"models":{"chat":{"connection":"con_1","model":"m"}}',
  '{"models":{"chat":{"connection":"con_0","model":"m"}}',
];

let database: TestDatabase;
let client: pg.Client;

beforeAll(async () => {
  database = await createMigratedDatabase();
  client = new pg.Client({ connectionString: database.url });
  await client.connect();
  await client.query(`
    drop table agent_connections, agent_datasets;
    drop trigger agent_revisions_datasets on agent_revisions;
    drop trigger agent_revisions_uses on agent_revisions;
    drop function gt_fill_dataset_ids, gt_record_agent_uses, gt_dataset_ids;
    alter table agent_revisions drop column dataset_ids;
    delete from _prisma_migrations where migration_name = '${migration}';
    insert into tenants (id, slug, name) values ('ten_1', 'one', 'One'), ('ten_2', 'two', 'Two');
    insert into connections (tenant_id, id, name, base_url) values ('ten_1', 'con_1', 'main', 'http://a.example'), ('ten_2', 'con_1', 'main', 'http://a.example');
    insert into datasets (tenant_id, id, alias, connection_id, model)
      values ('ten_1', 'ds_b', 'b', 'con_1', 'm'), ('ten_1', 'ds_a', 'a', 'con_1', 'm'), ('ten_2', 'ds_foreign', 'a', 'con_1', 'm');
    insert into agents (tenant_id, id, name, spec) values ('ten_1', 'agt_1', 'one', '{}'), ('ten_1', 'agt_2', 'two', '{}');
    insert into agent_revisions (tenant_id, id, agent_id, number, spec) values
      ('ten_1', 'rev_old', 'agt_1', 1, '${model},"datasets":["b"]}'),
      ('ten_1', 'rev_new', 'agt_1', 2, '${model},"datasets":["b","a"]}'),
      ('ten_1', 'rev_gone', 'agt_2', 1, '${gone},"datasets":["absent"]}')`);
});
afterAll(async () => {
  await client.end();
  await database.drop();
});

async function lines(sql: string): Promise<string[]> {
  const { rows } = await client.query<Record<string, unknown>>(sql);
  return rows.map((row) => Object.values(row).join(' '));
}

describe('agents that the release before published', () => {
  it('answer from the same datasets after the migration, by id and in their order', async () => {
    expect(await migrate(database.url)).toEqual({ applied: [migration] });
    expect(await lines(`select id, array_to_string(dataset_ids, ',') from agent_revisions order by id`)).toEqual([
      'rev_gone ',
      'rev_new ds_b,ds_a',
      'rev_old ',
    ]);
    expect(await lines('select tenant_id, agent_id, connection_id from agent_connections')).toEqual(['ten_1 agt_1 con_1']);
    expect(await lines('select tenant_id, agent_id, dataset_id from agent_datasets order by 3')).toEqual([
      'ten_1 agt_1 ds_a',
      'ten_1 agt_1 ds_b',
    ]);
  });

  it('are published by its processes on the new schema, with what they use', async () => {
    await client.query(
      `insert into agent_revisions (tenant_id, id, agent_id, number, spec) values ('ten_1', 'rev_two', 'agt_2', 2, '${model},"datasets":["a"]}')`,
    );
    expect(await lines(`select dataset_ids[1] from agent_revisions where id = 'rev_two'`)).toEqual(['ds_a']);
    expect(await lines(`select dataset_id from agent_datasets where agent_id = 'agt_2'`)).toEqual(['ds_a']);
    await expect(client.query(`delete from datasets where id = 'ds_a'`)).rejects.toThrow('foreign key');
  });

  it('still never change', async () => {
    await expect(client.query(`update agent_revisions set number = 9`)).rejects.toThrow('do not change');
  });
});

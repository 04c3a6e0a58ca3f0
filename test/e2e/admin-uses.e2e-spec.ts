import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { expectCreated, refusal, startAdminFixture, type AdminFixture } from '../support/admin-fixture.js';

let fixture: AdminFixture;
let database: pg.Pool;

beforeAll(async () => {
  fixture = await startAdminFixture();
  database = new pg.Pool({ connectionString: fixture.app.databaseUrl, max: 2 });
});
afterAll(async () => {
  await database.end();
  await fixture.close();
});

let count = 0;

/** A connection, a dataset that embeds elsewhere, and an agent whose draft names both. */
async function parts() {
  count += 1;
  const { id: connection } = await expectCreated(
    fixture.manager('POST', '/connections', { name: `con-${count}`, base_url: 'http://127.0.0.1:9/v1' }),
  );
  const embedding = { connection: 'main', model: 'text-embed' };
  const { id: dataset } = await expectCreated(fixture.manager('POST', '/datasets', { alias: `set-${count}`, embedding }));
  const { id: agent } = await expectCreated(
    fixture.manager('POST', '/agents', {
      name: `agent-${count}`,
      models: { chat: { connection: `con-${count}`, model: 'big' } },
      datasets: [`set-${count}`],
    }),
  );
  const [connectionPath, datasetPath, agentPath] = [`/connections/${connection}`, `/datasets/${dataset}`, `/agents/${agent}`];
  return { connection, dataset, agent: `agent-${count}`, connectionPath, datasetPath, agentPath } as const;
}

const publish = (path: string) => fixture.manager('POST', `${path}/publish`, {});

describe('what a published agent uses', () => {
  it('is not deleted, with and without an endpoint, and the answer names the agent', async () => {
    const { agent, agentPath, connectionPath, datasetPath } = await parts();
    expect((await publish(agentPath)).status).toBe(200);
    for (const step of ['published', 'reachable'] as const) {
      if (step === 'reachable') await expectCreated(fixture.manager('POST', '/endpoints', { name: agent, agent }));
      const [connection, dataset] = [
        await fixture.manager('DELETE', connectionPath),
        await fixture.manager('DELETE', datasetPath),
      ];
      expect(refusal(connection)).toEqual([409, 'conflict', null]);
      expect(connection.body.error.message).toBe(`The connection is still used by: agent "${agent}".`);
      expect(refusal(dataset)).toEqual([409, 'conflict', null]);
      expect(dataset.body.error.message).toBe(`The dataset is still used by: agent "${agent}".`);
    }
    expect((await fixture.viewer('GET', `/endpoints/${agent}`)).body.modalities).toEqual(['chat']);
  });

  it('is not renamed, even when the draft has left it behind', async () => {
    const { agentPath, connectionPath, datasetPath } = await parts();
    await publish(agentPath);
    await fixture.manager('PATCH', agentPath, { models: { chat: { connection: 'main', model: 'big' } }, datasets: [] });
    const renamed = [
      await fixture.manager('PATCH', connectionPath, { name: 'another-name' }),
      await fixture.manager('PATCH', datasetPath, { alias: 'another-alias' }),
    ];
    expect(renamed.map(refusal)).toEqual([
      [409, 'conflict', null],
      [409, 'conflict', null],
    ]);
    expect((await publish(agentPath)).body.number).toBe(2);
    expect((await fixture.manager('PATCH', connectionPath, { name: 'another-name' })).status).toBe(200);
    expect((await fixture.manager('PATCH', datasetPath, { alias: 'another-alias' })).status).toBe(200);
  });

  it('is not renamed while a draft names it, and keeps its other fields open', async () => {
    const { connectionPath, datasetPath } = await parts();
    expect(refusal(await fixture.manager('PATCH', connectionPath, { name: 'x-name' }))).toEqual([409, 'conflict', null]);
    expect(refusal(await fixture.manager('PATCH', datasetPath, { alias: 'x-alias' }))).toEqual([409, 'conflict', null]);
    expect((await fixture.manager('PATCH', connectionPath, { wire: 'chat' })).status).toBe(200);
    expect((await fixture.manager('PATCH', datasetPath, { name: 'Handbook' })).status).toBe(200);
  });

  it('is free again when the agent publishes something else, or goes', async () => {
    const [first, second] = [await parts(), await parts()];
    await publish(first.agentPath);
    await publish(second.agentPath);
    await fixture.manager('PATCH', first.agentPath, { models: { chat: { connection: 'main', model: 'big' } }, datasets: [] });
    await publish(first.agentPath);
    await fixture.manager('DELETE', second.agentPath);
    for (const path of [first.connectionPath, first.datasetPath, second.connectionPath, second.datasetPath]) {
      expect((await fixture.manager('DELETE', path)).status).toBe(200);
    }
  });

  it('stands in the revision by id', async () => {
    const { agentPath, connection, dataset } = await parts();
    const { body } = await publish(agentPath);
    expect([body.models.chat.connection, body.datasets]).toEqual([connection, [dataset]]);
    expect((await publish(agentPath)).body).toEqual(body);
  });
});

describe('a draft', () => {
  it('keeps nothing, and is refused when it is published without what it names', async () => {
    const { agent, agentPath, connectionPath, datasetPath } = await parts();
    expect((await fixture.manager('DELETE', datasetPath)).status).toBe(200);
    expect(refusal(await publish(agentPath))).toEqual([400, 'invalid_value', 'datasets[0]']);
    expect((await fixture.manager('DELETE', connectionPath)).status).toBe(200);
    expect(refusal(await fixture.manager('POST', '/endpoints', { name: agent, agent }))).toEqual([
      400,
      'invalid_value',
      'models.chat.connection',
    ]);
  });
});

describe('publishing and deleting at once', () => {
  it('never leaves a published agent without what it uses', async () => {
    for (let round = 0; round < 12; round += 1) {
      const { agentPath, connectionPath, datasetPath, agent } = await parts();
      const removed = round % 2 === 0 ? connectionPath : datasetPath;
      const [published, deleted] = await Promise.all([
        round % 3 === 0 ? fixture.manager('POST', '/endpoints', { name: agent, agent }) : publish(agentPath),
        fixture.manager('DELETE', removed),
      ]);
      expect([published.status < 300, deleted.status < 300].filter(Boolean)).toHaveLength(1);
    }
  });

  it('is refused by the database itself, whoever deletes', async () => {
    const { agentPath, connection, dataset } = await parts();
    await publish(agentPath);
    await expect(database.query('delete from connections where id = $1', [connection])).rejects.toThrow('foreign key');
    await expect(database.query('delete from datasets where id = $1', [dataset])).rejects.toThrow('foreign key');
  });
});

describe('deleting a tenant', () => {
  it('removes its published agents with all that they use', async () => {
    await expectCreated(fixture.app.admin('POST', '/tenants', { slug: 'short' }));
    const given = { tenant: 'short', name: 'only', base_url: 'http://127.0.0.1:9/v1' };
    await expectCreated(fixture.app.admin('POST', '/connections', given));
    const model = { connection: 'only', model: 'm' };
    await expectCreated(fixture.app.admin('POST', '/datasets', { tenant: 'short', alias: 'set', embedding: model }));
    const agent = { tenant: 'short', name: 'helper', models: { chat: model }, datasets: ['set'] };
    await expectCreated(fixture.app.admin('POST', '/agents', agent));
    await expectCreated(fixture.app.admin('POST', '/endpoints', { tenant: 'short', name: 'helper', agent: 'helper' }));
    const { id } = (await fixture.app.admin('GET', '/tenants?slug=short')).body.data[0];
    expect((await fixture.app.admin('DELETE', `/tenants/${id}`)).status).toBe(200);
  });
});

import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { AppError } from '../../src/kernel/app-error.js';
import { ConnectionPool } from '../../src/platform/database/connection-pool.js';
import { PlatformDatabase } from '../../src/platform/database/platform-database.js';
import { TenantDatabase } from '../../src/platform/database/tenant-database.js';
import { createMigratedDatabase } from '../support/app.js';
import { TcpProxy } from '../support/tcp-proxy.js';
import { until } from '../support/until.js';

const silenceMs = 1_500;

let database: Awaited<ReturnType<typeof createMigratedDatabase>>;
let proxy: TcpProxy;
let connections: ConnectionPool;
let tenants: TenantDatabase;
let platform: PlatformDatabase;
let direct: pg.Client;

beforeAll(async () => {
  database = await createMigratedDatabase();
  proxy = await TcpProxy.before(database.url);
  connections = new ConnectionPool({ DATABASE_URL: proxy.url, GT_DATABASE_POOL: 2 }, silenceMs);
  tenants = new TenantDatabase(connections);
  platform = new PlatformDatabase(connections);
  direct = new pg.Client({ connectionString: database.url });
  await direct.connect();
});
beforeEach(back);
afterAll(async () => {
  await direct.end();
  await connections.close();
  await proxy.close();
  await database.drop();
});

/** What the work came to, and how long that took. */
async function outcomeOf(work: Promise<unknown>): Promise<{ code: string; afterMs: number }> {
  const from = performance.now();
  const code = await work.then(
    () => 'done',
    (error: unknown) => (error instanceof AppError ? error.code : String(error)),
  );
  return { code, afterMs: performance.now() - from };
}

/** Carries bytes again; connections that were frozen are broken, and the pool must have heard of it. */
async function back(): Promise<void> {
  proxy.restore();
  await until('the database answers', async () => (await works()).code === 'done');
}

const works = (): Promise<{ code: string }> => outcomeOf(tenants.run('ten_x', (tx) => tx.$queryRaw`select 1`));

describe('a statement on a connection that is silent for ever', () => {
  it.each<[string, (silent: () => void) => Promise<unknown>]>([
    [
      'of a tenant',
      (silent) =>
        tenants.run('ten_x', async (tx) => {
          silent();
          await tx.$queryRaw`select 2`;
        }),
    ],
    [
      'of the platform',
      (silent) =>
        platform.run(async (tx) => {
          silent();
          await tx.$queryRaw`select 2`;
        }),
    ],
    [
      'in plain SQL',
      (silent) =>
        platform.runSql(async (client) => {
          silent();
          await client.query('select 2');
        }),
    ],
  ])('fails as overloaded, and its connection is not used again: %s', async (_whose, work) => {
    const { code, afterMs } = await outcomeOf(work(() => proxy.freeze()));
    expect(code).toBe('overloaded');
    expect(afterMs).toBeLessThan(silenceMs + 2_000);
    await back();
    for (let time = 0; time < 4; time += 1) expect(await works()).toMatchObject({ code: 'done' });
  });

  it('is given up once for all, and the log hears that, and that the database is back', async () => {
    const told: string[] = [];
    const patient = new ConnectionPool({ DATABASE_URL: proxy.url, GT_DATABASE_POOL: 4 }, 60_000, (sentence) =>
      told.push(sentence),
    );
    const waiting = new TenantDatabase(patient);
    const works = [1, 2, 3].map(() =>
      outcomeOf(
        waiting.run('ten_x', async (tx) => {
          proxy.freeze();
          await tx.$queryRaw`select 2`;
        }),
      ),
    );
    for (const { code } of await Promise.all(works)) expect(code).toBe('overloaded');
    expect(told).toEqual([expect.stringMatching(/could not be reached/)]);
    proxy.restore();
    await until('it is told', () => told.length === 2);
    expect(told[1]).toBe('The database is back.');
    await patient.close();
  });

  it('is told from one that only takes long while the database says something', async () => {
    const { code } = await outcomeOf(
      tenants.run('ten_x', async (tx) => {
        for (let time = 0; time < 4; time += 1) await tx.$queryRaw`select 1 as done from pg_sleep(0.6)`;
      }),
    );
    expect(code).toBe('done');
  });
});

describe('a process that has no time', () => {
  it('has learned nothing of the database from a look in which it could not listen', async () => {
    const told: string[] = [];
    const busy = new ConnectionPool({ DATABASE_URL: proxy.url, GT_DATABASE_POOL: 2 }, 60_000, (sentence) => told.push(sentence));
    const work = outcomeOf(new TenantDatabase(busy).run('ten_x', (tx) => tx.$queryRaw`select 1 as done from pg_sleep(5)`));
    // The look begins after 1.5 s. Before its two seconds are over, and for longer than they last, nothing is heard.
    const seen = proxy.accepted;
    await until('it looks', () => proxy.accepted > seen + 1);
    for (const from = performance.now(); performance.now() - from < 2_100;);
    expect((await work).code).toBe('done');
    expect(told).toEqual([]);
    await busy.close();
  });

  it('waits for a free connection for as long as the database can be reached', async () => {
    const full = new ConnectionPool({ DATABASE_URL: proxy.url, GT_DATABASE_POOL: 1 }, 60_000);
    const run = (seconds: number): Promise<{ code: string }> =>
      outcomeOf(new TenantDatabase(full).run('ten_x', (tx) => tx.$queryRaw`select 1 as done from pg_sleep(${seconds})`));
    const [long, short] = await Promise.all([run(7), run(0)]);
    expect([long.code, short.code]).toEqual(['done', 'done']);
    await full.close();
  });
});

describe('the database itself', () => {
  const sleeping = async (): Promise<number> => {
    const { rows } = await direct.query<{ count: number }>(
      `select count(*)::int as count from pg_stat_activity where application_name = 'gt-api' and state <> 'idle'`,
    );
    return rows[0]?.count ?? NaN;
  };

  it('ends a statement that runs longer than its transaction may', async () => {
    const { code, afterMs } = await outcomeOf(
      tenants.run('ten_x', (tx) => tx.$queryRaw`select 1 as done from pg_sleep(30)`, 700),
    );
    expect(code).toBe('overloaded');
    expect(afterMs).toBeLessThan(silenceMs);
    await until('it runs no more', async () => (await sleeping()) === 0);
  });

  it('lets go of what a process held that went without a word', async () => {
    const tenant = { id: 'ten_held', slug: 'held', name: 'held' };
    await platform.run((tx) => tx.tenant.create({ data: tenant }));
    // Patient, so that it is not this end that lets go.
    const patient = new ConnectionPool({ DATABASE_URL: proxy.url, GT_DATABASE_POOL: 2 }, 60_000);
    let isHeld = false;
    const held = outcomeOf(
      new PlatformDatabase(patient).run(async (tx) => {
        await tx.tenant.update({ where: { id: tenant.id }, data: { name: 'changed' } });
        proxy.freeze();
        isHeld = true;
        await tx.$queryRaw`select 1`;
      }, 1_000),
    );
    await until('the row is held', () => isHeld);
    await until('the row is free', async () => {
      const free = await direct.query(`select id from tenants where id = $1 for update skip locked`, [tenant.id]);
      return free.rowCount === 1;
    });
    await back();
    expect(await held).toMatchObject({ code: 'overloaded' });
    await patient.close();
    const { rows } = await direct.query<{ name: string }>('select name from tenants where id = $1', [tenant.id]);
    expect(rows).toEqual([{ name: 'held' }]);
  });
});

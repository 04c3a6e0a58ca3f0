import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { loadConfig } from '../../src/config/load-config.js';
import { KeptThoughtsRepository } from '../../src/modules/kept-thoughts/kept-thoughts.repository.js';
import { KeptThoughts } from '../../src/modules/kept-thoughts/kept-thoughts.service.js';
import type { CallOrigin, ToolCall } from '../../src/modules/kept-thoughts/tool-call.js';
import { SweepRepository } from '../../src/modules/system/sweep.repository.js';
import { SweepService } from '../../src/modules/system/sweep.service.js';
import { Log } from '../../src/observability/log.js';
import { ConnectionPool } from '../../src/platform/database/connection-pool.js';
import { PlatformDatabase } from '../../src/platform/database/platform-database.js';
import { TenantDatabase } from '../../src/platform/database/tenant-database.js';
import { KeyRing } from '../../src/platform/secrets/key-ring.js';
import { createMigratedDatabase, testSettings } from '../support/app.js';
import type { TestDatabase } from '../support/postgres.js';

const mebibyte = 1024 * 1024;
const origin: CallOrigin = { tenantId: 'ten_a', keyId: 'key_a', connectionId: 'con_a', model: 'm' };
const ring = (byte: number): KeyRing => new KeyRing([`k${byte}:${Buffer.alloc(32, byte).toString('base64')}`]);

let database: TestDatabase;
let connections: ConnectionPool;
let client: pg.Client;
let log: Log;

beforeAll(async () => {
  database = await createMigratedDatabase();
  connections = new ConnectionPool({ DATABASE_URL: database.url, GT_DATABASE_POOL: 4 });
  log = new Log(loadConfig({ ...testSettings, DATABASE_URL: database.url }));
  client = new pg.Client({ connectionString: database.url });
  await client.connect();
});
beforeEach(async () => {
  await client.query('delete from tenants');
  await client.query(`insert into tenants (id, slug, name) values ('ten_a', 'a', 'a')`);
  await client.query(`insert into keys (tenant_id, id, name, purpose, scopes) values ('ten_a', 'key_a', 'a', 'inference', '{}')`);
});
afterAll(async () => {
  await client.end();
  await connections.close();
  await database.drop();
});

/** One process, which remembers nothing yet. */
function startProcess(keys = ring(1)): KeptThoughts {
  return new KeptThoughts(new KeptThoughtsRepository(new TenantDatabase(connections)), keys, log);
}
const call = (id: string, input = '{}'): ToolCall => ({ id, name: 'find', input });
const answered = (id: string, kept: string | Buffer, input = '{}') => ({ ...call(id, input), kept: Buffer.from(kept) });

/** What a process finds, as texts. */
async function found(calls: readonly ToolCall[], by = startProcess()): Promise<Record<string, string>> {
  const told = await by.find(origin, calls, 'req_a');
  return Object.fromEntries([...told].map(([id, content]) => [id, content.toString()]));
}

describe('what is kept with calls of tools', () => {
  it('is found by every process, and at once by the one that kept it', async () => {
    const one = startProcess();
    await one.keep(origin, [answered('a', 'first'), answered('b', 'second'), { ...call('c'), kept: undefined }], 'req_a');
    const calls = ['a', 'b', 'c', 'd'].map((id) => call(id));
    expect(await found(calls)).toEqual({ a: 'first', b: 'second' });
    const atOnce = one.find(origin, calls.slice(0, 3), 'req_a');
    expect(atOnce).not.toBeInstanceOf(Promise);
  });

  it('is told apart where a provider gives one id to calls that differ', async () => {
    const one = startProcess();
    await one.keep(origin, [answered('find:0', 'Rome', '{"city":"Rome"}')], 'req_a');
    await one.keep(origin, [answered('find:0', 'Oslo', '{"city":"Oslo"}')], 'req_b');
    for (const by of [one, startProcess()]) {
      expect(await found([call('find:0', '{"city":"Oslo"}')], by)).toEqual({ 'find:0': 'Oslo' });
      expect(await found([call('find:0', '{"city":"Rome"}'), call('find:0', '{"city":"Oslo"}')], by)).toEqual({});
    }
  });

  it('belongs to neither of two answers that made the same call, in one process or two', async () => {
    const one = startProcess();
    await one.keep(origin, [answered('a', 'mine'), answered('b', 'mine')], 'req_a');
    await one.keep(origin, [answered('a', 'yours')], 'req_b');
    await startProcess().keep(origin, [answered('b', 'yours')], 'req_c');
    expect(await found([call('a')], one)).toEqual({});
    expect(await found([call('a'), call('b')])).toEqual({});
  });

  it('is one answer anew when the day of the former is over', async () => {
    await startProcess().keep(origin, [answered('a', 'old')], 'req_a');
    await client.query(`update kept_thoughts set expires_at = now()`);
    expect(await found([call('a')])).toEqual({});
    await startProcess().keep(origin, [answered('a', 'new')], 'req_b');
    expect(await found([call('a')])).toEqual({ a: 'new' });
  });

  it('is at most a mebibyte of an answer, and 8 MiB of what a request asks for, the first calls before the rest', async () => {
    const ids = Array.from({ length: 10 }, (_none, at) => `call_${at}`);
    for (const id of ids) await startProcess().keep(origin, [answered(id, Buffer.alloc(mebibyte, 'x'))], 'req_a');
    await startProcess().keep(origin, [answered('large', Buffer.alloc(mebibyte + 1, 'x'))], 'req_a');
    const told = await found([...ids.toReversed(), 'large'].map((id) => call(id)));
    // Seals take room too.
    expect(Object.keys(told).sort()).toEqual(ids.slice(3));
  });

  it('is not kept for a key that is gone, and does not open under another ring of keys', async () => {
    await startProcess().keep(origin, [answered('a', 'first')], 'req_a');
    expect(await found([call('a')], startProcess(ring(2)))).toEqual({});
    await client.query('delete from keys');
    await startProcess().keep(origin, [answered('b', 'second')], 'req_a');
    expect(await found([call('a'), call('b')])).toEqual({ a: 'first' });
  });

  it('does not open where a row was put under another call', async () => {
    await startProcess().keep(origin, [answered('a', 'first'), answered('b', 'second')], 'req_a');
    await client.query(`update kept_thoughts k set content = o.content from kept_thoughts o where o.id <> k.id`);
    expect(await found([call('a'), call('b')])).toEqual({});
  });

  it('is removed by the sweep when its day is over', async () => {
    const sweep = new SweepService(new SweepRepository(new PlatformDatabase(connections)));
    await startProcess().keep(origin, [answered('a', 'old'), answered('b', 'new')], 'req_a');
    await client.query(`update kept_thoughts set expires_at = now() where id = (select min(id) from kept_thoughts)`);
    await sweep.sweep(new AbortController().signal);
    expect((await client.query('select from kept_thoughts')).rowCount).toBe(1);
    await client.query(`update kept_thoughts set expires_at = now() + interval '1 minute'`);
    await sweep.sweep(new AbortController().signal);
    expect((await client.query('select from kept_thoughts')).rowCount).toBe(1);
  });
});

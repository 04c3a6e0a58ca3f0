import { Logger } from '@nestjs/common';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { CountedTenants } from '../../src/modules/budgets/counted-tenants.js';
import { UsageAdoptionService } from '../../src/modules/usage/usage-adoption.service.js';
import { UsageDrainRepository } from '../../src/modules/usage/usage-drain.repository.js';
import { UsageKeeper } from '../../src/modules/usage/usage-keeper.js';
import { ConnectionPool } from '../../src/platform/database/connection-pool.js';
import { migrate } from '../../src/platform/database/migrate.js';
import { SlicesRepository } from '../../src/modules/spending/slices.repository.js';
import { PlatformDatabase } from '../../src/platform/database/platform-database.js';
import { CallJournal } from '../../src/platform/journal/call-journal.js';
import { RecordKinds } from '../../src/platform/journal/record-kinds.js';
import { compileSource } from '../support/compile-source.js';
import { createTestDatabase, runFolder, type TestDatabase } from '../support/postgres.js';
import { until } from '../support/until.js';
import { readFolderAsBefore } from '../upgrade/former-journal-reader.mjs';

const writer = fileURLToPath(new URL('../fixtures/journal-writer.mjs', import.meta.url));
const isSoak = process.env['GT_TEST_SOAK'] === '1';
const kills = isSoak ? 60 : 6;

let database: TestDatabase;
let connections: ConnectionPool;
let client: pg.Client;
let folder: string;
let compiled: string;
let root: string;
let notes: string;

beforeAll(async () => {
  Logger.overrideLogger(false);
  database = await createTestDatabase({ template: { name: 'migrated', prepare: async (url) => void (await migrate(url)) } });
  connections = new ConnectionPool({ DATABASE_URL: database.url, GT_DATABASE_POOL: 4 });
  client = new pg.Client({ connectionString: database.url });
  await client.connect();
  await client.query(`insert into tenants (id, slug, name, updated_at) values ('ten_a', 'a', 'A', now())`);
  await client.query(
    `insert into keys (tenant_id, id, name, purpose, scopes, updated_at)
     select 'ten_a', 'key_' || n, 'k' || n, 'inference', '{}', now() from generate_series(0, 2) as n`,
  );
  folder = await mkdtemp(join(runFolder(), 'usage-journal-'));
  compiled = join(folder, 'compiled');
  await compileSource(compiled, ['platform/journal', 'kernel']);
});

afterAll(async () => {
  await client.end();
  await connections.close();
  await database.drop();
});

beforeEach(async () => {
  root = await mkdtemp(join(folder, 'root-'));
  notes = await mkdtemp(join(folder, 'notes-'));
});

afterEach(async () => {
  await client.query('delete from usage');
  await client.query('delete from key_exercise');
  await rm(root, { recursive: true });
  await rm(`${root}-kept`, { recursive: true, force: true });
});

const slices = () => new SlicesRepository(new PlatformDatabase(connections));
const repository = () => new UsageDrainRepository(new PlatformDatabase(connections));

function knownKinds(): RecordKinds {
  const kinds = new RecordKinds();
  new UsageKeeper(kinds, repository(), new CountedTenants()).onModuleInit();
  return kinds;
}

/** Another process's way to the journals of the dead. */
async function adoptAll(kinds = knownKinds()): Promise<number> {
  const journal = new CallJournal({ root, onError: fail, kinds });
  try {
    return await new UsageAdoptionService(journal, kinds, slices()).adoptAbandoned();
  } finally {
    await journal.close();
  }
}

function fail(message: string, error?: unknown): never {
  throw new Error(message, { cause: error });
}

async function startWriter(name: string, options: object): Promise<ChildProcess> {
  const child = spawn(process.execPath, [writer, compiled, root, notes, name, JSON.stringify(options)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await Promise.race([once(child.stdout, 'data'), once(child, 'exit').then(() => fail('The writer ended by itself.'))]);
  return child;
}

async function killAfter(child: ChildProcess, delayMs: number): Promise<void> {
  await wait(delayMs);
  child.kill('SIGKILL');
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
}

const wholeLines = async (name: string) => (await readFile(join(notes, name), 'utf8')).split('\n').slice(0, -1);

interface Row {
  readonly id: string;
  readonly state: string;
  readonly status: number;
  readonly upstream_status: number | null;
  readonly input_tokens: number;
  readonly cache_write_tokens: number | null;
  readonly total_tokens: number;
  /** Postgres gives large numbers as text. */
  readonly cost: string | null;
  readonly charge: string | null;
}

async function rowsById(): Promise<Map<string, Row>> {
  const { rows } = await client.query<Row>(
    'select id, state, status, upstream_status, input_tokens, cache_write_tokens, total_tokens, cost, charge from usage',
  );
  return new Map(rows.map((row) => [row.id, row]));
}

/** Everything that a replay could change. */
async function everything(): Promise<unknown> {
  const usage = await client.query('select * from usage order by id');
  const exercise = await client.query('select * from key_exercise order by key_id, kind, value');
  const keys = await client.query('select id, last_used_at from keys order by id');
  return [usage.rows, exercise.rows, keys.rows];
}

/** What was said to be durable is in the database as it was said; nothing else is, but calls that were just being begun. */
async function expectExactly(name: string): Promise<void> {
  const rows = await rowsById();
  const durable = await wholeLines(`${name}.durable`);
  const begun = durable.filter((line) => line.startsWith('B ')).map((line) => line.slice(2));
  const ended = durable.filter((line) => line.startsWith('E ')).map((line) => line.slice(2));
  expect(begun.length).toBeGreaterThan(0);
  expect(begun.filter((id) => !rows.has(id))).toEqual([]);
  expect(ended.filter((id) => rows.get(id)?.state !== 'completed')).toEqual([]);
  for (const row of rows.values()) {
    const number = Number(row.id.split('_').at(-1));
    expect(['completed', 'interrupted']).toContain(row.state);
    const answered = number % 4 === 0 ? null : 200;
    const price = number % 3 === 0 ? [null, null] : [String(number), String(2 * number)];
    const written = number % 5 === 0 ? number : null;
    const { status, upstream_status: told, input_tokens: input, cache_write_tokens: kept, total_tokens: total } = row;
    const figures =
      row.state === 'completed' ? [200, answered, number, written, number + 1, ...price] : [500, null, 0, null, 0, null, null];
    expect([status, told, input, kept, total, row.cost, row.charge]).toEqual(figures);
  }
  // A record whose callback did not run any more may stand too: it was begun within the last turn.
  expect(rows.size - begun.length).toBeLessThan(200);
  const { rows: counted } = await client.query<{ calls: number }>(
    `select sum(calls)::integer as calls from key_exercise where kind = 'route'`,
  );
  expect(counted[0]?.calls).toBe(rows.size);
}

describe('the journal of calls', () => {
  it(
    `leaves exactly one record of each call, wherever kill -9 hits (${kills} kills)`,
    async () => {
      for (let kill = 0; kill < kills; kill += 1) {
        const name = `k${kill}`;
        const small = { segmentBytes: 20_000, memoryLimit: 10, drains: kill % 2 === 0 };
        const child = await startWriter(name, kill % 3 === 0 ? { drains: small.drains } : small);
        await killAfter(child, Math.random() * 250);
        const drained = await wholeLines(`${name}.drained`);
        for (let from = 0; from < drained.length; from += 1000) await repository().write(drained.slice(from, from + 1000), []);
        expect(await adoptAll()).toBe(1);
        await expectExactly(name);
        expect(await readdir(root)).toEqual([]);
        await client.query('delete from usage');
        await client.query('delete from key_exercise');
      }
    },
    isSoak ? 300_000 : 60_000,
  );

  it('changes nothing when it is adopted by several processes at once, or once more', async () => {
    const child = await startWriter('twice', { segmentBytes: 20_000, drains: false });
    await killAfter(child, 150);
    const [instance = ''] = await readdir(root);
    await cp(join(root, instance), join(folder, 'copy'), { recursive: true });
    const adopted = await Promise.all([adoptAll(), adoptAll(), adoptAll()]);
    expect(adopted.reduce((sum, count) => sum + count, 0)).toBe(1);
    await expectExactly('twice');
    const before = await everything();
    await rename(join(folder, 'copy'), join(root, instance));
    expect(await adoptAll()).toBe(1);
    expect(await everything()).toEqual(before);
  });

  it('is finished by the next adopter when one is killed half-way', async () => {
    const child = await startWriter('half', { drains: false });
    await killAfter(child, 150);
    const [instance = ''] = await readdir(root);
    await rename(join(root, instance), join(root, `${instance}.adopted-by-1-dead`));
    expect(await adoptAll()).toBe(1);
    await expectExactly('half');
  });

  it('of a living process is left alone', async () => {
    const child = await startWriter('alive', { drains: false });
    expect(await adoptAll()).toBe(0);
    await killAfter(child, 0);
    expect(await adoptAll()).toBe(1);
  });

  it('goes on from memory while the disk takes no more, and in another file when it does again', async () => {
    const limit = `ulimit -f 8; exec "$0" "$@"`;
    const script = fileURLToPath(new URL('../fixtures/journal-on-full-disk.mjs', import.meta.url));
    const child = spawn('sh', ['-c', limit, process.execPath, script, compiled, root], { stdio: ['ignore', 'pipe', 'pipe'] });
    const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
    expect(JSON.parse(stdout)).toEqual({ durable: 202, drained: 100, healthyWhenRefused: false });
    expect(stderr).toContain('The journal of calls cannot be written; calls are kept in memory alone. EFBIG');
    expect(await adoptAll()).toBe(1);
    const rows = await rowsById();
    expect([rows.get('use_open')?.state, rows.get('use_last')?.state]).toEqual(['interrupted', 'interrupted']);
  });
});

describe('a journal between builds', () => {
  const leave = async (name: string, lines: string) => {
    await mkdir(join(root, name));
    await writeFile(join(root, name, '1.log'), lines);
  };
  const before = () => readFile(new URL('../fixtures/journal-of-release-before.txt', import.meta.url), 'utf8');
  const call = (id: string) =>
    `"${id}","ten_a","key_0","req_1","chat.completions.create","assistant","con_a","big",true,1795800000000`;
  const ended = (id: string, more = '') => `E[${call(id)},200,"completed","upstream",3,0,4,0,7,12,5${more}]\n`;

  /** Starts and stops what a process does with journals. */
  async function startWith(kinds: RecordKinds, isDone: () => Promise<boolean>): Promise<void> {
    const journal = new CallJournal({ root, onError: fail, kinds });
    const adoption = new UsageAdoptionService(journal, kinds, slices());
    adoption.onApplicationBootstrap();
    await until('it is done', isDone);
    await adoption.onApplicationShutdown();
    await journal.close();
  }

  it('of the release before is adopted whole', async () => {
    await leave('former', await before());
    expect(await adoptAll()).toBe(1);
    const rows = await rowsById();
    const states = [0, 1, 2, 3].map((number) => rows.get(`use_former_${number}`)?.state);
    expect(states).toEqual(['completed', 'completed', 'interrupted', 'upstream_failed']);
    expect([...rows.values()].map((row) => row.upstream_status)).toEqual([null, null, null, null]);
    expect(await readdir(root)).toEqual([]);
  });

  it('of this build is adopted by the release before, each call as it ended', async () => {
    const child = await startWriter('back', { segmentBytes: 20_000, memoryLimit: 10, drains: false });
    await killAfter(child, 150);
    const [instance = ''] = await readdir(root);
    const asBefore = new Map((await readFolderAsBefore(join(root, instance))).map((text) => [idOf(text), text]));
    expect(await adoptAll()).toBe(1);
    const { rows } = await client.query<Row>('select * from usage');
    expect(rows.length).toBeGreaterThan(0);
    expect(new Set(asBefore.keys())).toEqual(new Set(rows.map(({ id }) => id)));
    for (const { id, status, state, total_tokens: tokens } of rows) {
      const columns = JSON.parse(asBefore.get(id) ?? '[]') as unknown[];
      expect([columns[10], columns[11], columns[17]]).toEqual([status, state, tokens]);
    }
  });

  it('of a later build is read as far as this one knows it; the rest is kept, told, and read by the build that knows it', async () => {
    const strange = ['R["ledger",1,5,"eur"]', `E[${call('use_odd')},200,"paused","upstream",3,0,4,0,7,12,5]`, '+[2,200]', 'Z'];
    const lines = [
      ended('use_1'),
      '+[8,502,1,2,3,"1x1",true,7,8,"USD",null,9,"later"]\n',
      `${strange[0]}\n`,
      ended('use_2', ',200,null,null,null,null,null,7,8,"USD",null,9,"later"'),
      `${strange.slice(1).join('\n')}\n`,
    ];
    await leave('later', lines.join(''));
    await writeFile(join(root, 'later', 'requests.idx'), 'an index');
    const told: string[] = [];
    Logger.overrideLogger({ log: () => undefined, warn: () => undefined, error: (message: string) => void told.push(message) });
    try {
      expect(await adoptAll()).toBe(1);
    } finally {
      Logger.overrideLogger(false);
    }
    expect([...(await rowsById()).values()].map((row) => [row.id, row.upstream_status, row.cache_write_tokens])).toEqual([
      ['use_1', 502, 9],
      ['use_2', 200, 9],
    ]);
    expect(await readdir(root)).toEqual([]);
    const kept = `${root}-kept`;
    expect(await readFile(join(kept, 'later.log'), 'utf8')).toBe(strange.map((line) => `${line}\n`).join(''));
    expect(await readFile(join(kept, 'later.requests.idx'), 'utf8')).toBe('an index');
    expect(told).toEqual([
      expect.stringContaining(`The journal later has 4 lines and 1 files that this build cannot read. They are kept in ${kept}`),
    ]);

    await writeFile(join(kept, 'later.log'), `${strange[0]}\n${ended('use_3')}`);
    const given: string[] = [];
    const wiser = knownKinds();
    wiser.register({ kind: 'ledger', reads: () => true, write: (texts) => Promise.resolve(void given.push(...texts)) });
    await startWith(wiser, async () => !(await readdir(kept)).includes('later.log'));
    expect(given).toEqual(['[5,"eur"]']);
    expect((await rowsById()).get('use_3')?.state).toBe('completed');
    expect(await readdir(kept)).toEqual(['later.requests.idx']);
  });

  it('is not removed, and holds up no other, while a part of it cannot be kept', async () => {
    await leave('broken', 'Z\n');
    await leave('whole', ended('use_1'));
    await writeFile(`${root}-kept`, 'no folder');
    await expect(adoptAll()).rejects.toThrow();
    expect([...(await rowsById()).keys()]).toEqual(['use_1']);
    expect((await readdir(root)).map((name) => name.split('.')[0])).toEqual(['broken']);
    await rm(`${root}-kept`);
    expect(await adoptAll()).toBe(1);
    expect(await readFile(join(`${root}-kept`, 'broken.log'), 'utf8')).toBe('Z\n');
  });
});

const idOf = (text: string) => String((JSON.parse(text) as unknown[])[0]);

async function text(stream: AsyncIterable<Buffer>): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of stream) parts.push(part);
  return Buffer.concat(parts).toString();
}

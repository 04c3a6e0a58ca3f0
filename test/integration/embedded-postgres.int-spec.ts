import { readFileSync } from 'node:fs';
import { chmod, cp, mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '../../src/platform/embedded-postgres/embedded-postgres.js';
import { isOpenToEverybody } from '../../src/platform/embedded-postgres/server-account.js';
import { findServerPackage, prepareServerBinaries, programPath } from '../../src/platform/embedded-postgres/server-binaries.js';
import { giveTo, runAsUser, runModuleAsUser } from '../support/run-as-user.js';
import { createTestDatabase, runFolder } from '../support/postgres.js';

const isRoot = process.getuid?.() === 0;
const asRoot = isRoot ? describe : describe.skip;
const asOrdinaryUser = isRoot && isOpenToEverybody(import.meta.dirname) ? describe : describe.skip;
const sources = 'src/platform/embedded-postgres';
const servers: EmbeddedPostgres[] = [];
const folders: string[] = [];

async function newFolder(mode = 0o700): Promise<string> {
  const folder = await mkdtemp(join(runFolder(), 'embedded-'));
  await chmod(folder, mode);
  folders.push(folder);
  return folder;
}

async function start(dataDir: string): Promise<EmbeddedPostgres> {
  const server = await startEmbeddedPostgres({ dataDir });
  servers.push(server);
  return server;
}

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query({ text: sql, rowMode: 'array' })).rows.map((row: unknown[]) => row[0]);
  } finally {
    await client.end();
  }
}

/** Ends the server as a power cut would, and waits until the number is gone. */
async function killHard(server: EmbeddedPostgres): Promise<void> {
  process.kill(server.pid, 'SIGKILL');
  while (server.isRunning()) await new Promise(setImmediate);
}

afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop();
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

describe('the embedded PostgreSQL', () => {
  it('starts PostgreSQL 18 with a UTF-8 database, durable, on 127.0.0.1 alone and behind a password', async () => {
    const folder = await newFolder();
    const server = await start(folder);
    expect(server.adopted).toBe(false);
    expect(new URL(server.url).pathname).toBe('/gt');
    const asked = "array[current_setting('server_version_num')::int / 10000 || '', current_setting('listen_addresses')]";
    expect(await query(server.url, `select unnest(${asked})`)).toEqual(['18', '127.0.0.1']);
    expect(await query(server.url, 'show unix_socket_directories')).toEqual(['']);
    expect(await query(server.url, 'show fsync')).toEqual(['on']);
    expect(await query(server.url, 'show synchronous_commit')).toEqual(['on']);
    expect(await query(server.url, 'show server_encoding')).toEqual(['UTF8']);
    const wrong = new URL(server.url);
    wrong.password = 'guess';
    await expect(query(wrong.toString(), 'select 1')).rejects.toThrow(/password authentication failed/);
    expect((await stat(join(folder, 'cluster', 'password'))).mode & 0o777).toBe(0o600);
  });

  it('adopts a server that outlived its application, with its data', async () => {
    const folder = await newFolder();
    const first = await start(folder);
    await query(first.url, 'create table kept as select 42 as n');
    const second = await start(folder);
    expect(second).toMatchObject({ adopted: true, pid: first.pid, port: first.port, url: first.url });
    expect(await query(second.url, 'select n from kept')).toEqual([42]);
    await second.stop();
    expect(first.isRunning()).toBe(false);
  });

  it('comes back on the same port after a kill -9, with all that was committed', async () => {
    const folder = await newFolder();
    const first = await start(folder);
    await query(first.url, 'create table kept as select 42 as n');
    await killHard(first);
    const second = await start(folder);
    expect(second).toMatchObject({ adopted: false, port: first.port });
    expect(await query(second.url, 'select n from kept')).toEqual([42]);
  });

  it('starts beside a stale pid file whose number belongs to a stranger now', async () => {
    const folder = await newFolder();
    const first = await start(folder);
    const file = join(folder, 'cluster', 'data', 'postmaster.pid');
    const content = readFileSync(file, 'utf8');
    await killHard(first);
    await writeFile(file, content.replace(/^\d+/, String(process.pid)));
    const second = await start(folder);
    expect(second.adopted).toBe(false);
    expect(await query(second.url, 'select 1')).toEqual([1]);
  });

  it('gives all that start at once the same server, from nothing and again from existing data', async () => {
    const folder = await newFolder();
    for (const round of [1, 2]) {
      const all = await Promise.all([1, 2, 3].map(() => start(folder)));
      expect(new Set(all.map(({ pid }) => pid)).size).toBe(1);
      expect(all.filter(({ adopted }) => !adopted)).toHaveLength(1);
      await query(all[0]?.url ?? '', `create table round_${round} as select 1 as n`);
      await all[0]?.stop();
    }
    expect((await readdir(folder)).filter((name) => name.includes('.part-'))).toEqual([]);
  });

  it('takes another port when its last one is used', async () => {
    const folder = await newFolder();
    const first = await start(folder);
    await first.stop();
    const squatter: Server = createServer();
    await new Promise<void>((resolve) => squatter.listen(first.port, '127.0.0.1', resolve));
    try {
      const second = await start(folder);
      expect(second.port).not.toBe(first.port);
      expect(await query(second.url, 'select 1')).toEqual([1]);
    } finally {
      await new Promise((resolve) => squatter.close(resolve));
    }
  });

  it('stops in order: the pid file is gone, and a second stop is harmless', async () => {
    const folder = await newFolder();
    const server = await start(folder);
    await server.stop();
    expect(await readdir(join(folder, 'cluster', 'data'))).not.toContain('postmaster.pid');
    await server.stop();
  });

  it('does not serve a copied folder through the server of the original', async () => {
    const original = await start(await newFolder());
    const copy = await newFolder();
    await cp(folders[0] ?? '', copy, { recursive: true, preserveTimestamps: true });
    await giveTo(await stat(join(folders[0] ?? '', 'cluster')), join(copy, 'cluster'));
    const second = await start(copy);
    expect(second.adopted).toBe(false);
    expect(second.pid).not.toBe(original.pid);
  });

  it('refuses data of another major version and names the way out', async () => {
    const folder = await newFolder();
    await (await start(folder)).stop();
    await writeFile(join(folder, 'cluster', 'data', 'PG_VERSION'), '15\n');
    await expect(start(folder)).rejects.toThrow(/made by PostgreSQL 15.*DATABASE_URL/s);
  });

  it('shows what PostgreSQL said when it does not start', async () => {
    const folder = await newFolder();
    await expect(startEmbeddedPostgres({ dataDir: folder, settings: { wal_level: 'nonsense' } })).rejects.toThrow(
      /does not start.*wal_level/s,
    );
  });
});

describe('the programs of PostgreSQL', () => {
  it('a platform without a package is told to set DATABASE_URL', async () => {
    await expect(findServerPackage('plan9', 'mips')).rejects.toThrow(/plan9-mips.*DATABASE_URL/s);
  });

  it('are completed in a copy when the install script did not run, once', async () => {
    const folder = await newFolder();
    const source = await findServerPackage();
    const bare = join(folder, 'native');
    await cp(source.nativeDir, bare, { recursive: true, verbatimSymlinks: true, filter: (path) => !path.endsWith('.a') });
    const links: { target: string }[] = JSON.parse(readFileSync(join(bare, 'pg-symlinks.json'), 'utf8'));
    for (const { target } of links) await rm(join(folder, target), { force: true });
    const told: string[] = [];
    const prepare = () =>
      prepareServerBinaries({ ...source, nativeDir: bare }, null, join(folder, 'cache'), (text) => told.push(text));
    const ready = await prepare();
    expect(ready).not.toBe(bare);
    for (const { target } of links) await expect(stat(join(ready, target.replace('native/', '')))).resolves.toBeDefined();
    expect(await prepare()).toBe(ready);
    expect(told).toHaveLength(1);
  });
});

asRoot('as root', () => {
  it('runs the server as nobody, with data below a folder that nobody else can enter', async () => {
    const server = await start(await newFolder(0o700));
    expect(readFileSync(`/proc/${server.pid}/status`, 'utf8')).toMatch(/^Uid:\s+65534\s/m);
    expect((await stat(runFolder())).mode & 0o777).toBe(0o700);
    await query(server.url, "create table big as select repeat('x', 100) from generate_series(1, 50000)");
    expect(await query(server.url, 'select pg_reload_conf()')).toEqual([true]);
    await query(server.url, 'create database another');
  });

  it('copies programs that lie below a private folder to where the server can run them', async () => {
    const folder = await newFolder(0o700);
    const source = await findServerPackage();
    const hidden = join(folder, 'native');
    await cp(source.nativeDir, hidden, { recursive: true, verbatimSymlinks: true, filter: (path) => !path.endsWith('.a') });
    const account = { uid: 65_534, gid: 65_534 };
    const version = `0.0.0-test-${process.pid}`;
    const ready = await prepareServerBinaries({ nativeDir: hidden, version }, account, join(folder, 'cache'), () => undefined);
    folders.push(ready);
    const { stdout } = await runAsUser(account, programPath(ready, 'postgres'), ['--version']);
    expect(stdout).toMatch(/PostgreSQL\) 18/);
  });

  it('keeps to the owner of data that an ordinary user made', async () => {
    const folder = await newFolder();
    await (await start(folder)).stop();
    await giveTo({ uid: 1234, gid: 1234 }, join(folder, 'cluster'));
    const server = await start(folder);
    expect(readFileSync(`/proc/${server.pid}/status`, 'utf8')).toMatch(/^Uid:\s+1234\s/m);
  });
});

asOrdinaryUser('as an ordinary user', () => {
  // initdb looks its user up: it must be one that the system knows.
  const user = { uid: 65_534, gid: 65_534 };

  it('starts, is adopted and stops', async () => {
    const home = await mkdtemp(join(tmpdir(), 'gt-test-user-'));
    folders.push(home);
    await mkdir(join(home, 'data'));
    await chmod(home, 0o755);
    await giveTo(user, join(home, 'data'));
    const { stdout } = await runModuleAsUser(
      user,
      home,
      sources,
      [
        "import { startEmbeddedPostgres } from './embedded-postgres.js';",
        'const first = await startEmbeddedPostgres({ dataDir: process.argv[2] });',
        'const second = await startEmbeddedPostgres({ dataDir: process.argv[2] });',
        'await first.stop();',
        'console.log(JSON.stringify({ first: first.adopted, second: second.adopted, running: second.isRunning() }));',
      ],
      [join(home, 'data')],
    );
    expect(JSON.parse(stdout)).toEqual({ first: false, second: true, running: false });
  });

  it('is told whose the folder is when it belongs to root', async () => {
    const home = await mkdtemp(join(tmpdir(), 'gt-test-user-'));
    folders.push(home);
    await chmod(home, 0o755);
    await mkdir(join(home, 'data'), { mode: 0o700 });
    const { stdout } = await runModuleAsUser(
      user,
      home,
      sources,
      [
        "import { startEmbeddedPostgres } from './embedded-postgres.js';",
        'await startEmbeddedPostgres({ dataDir: process.argv[2] }).catch((error) => console.log(error.message));',
      ],
      [join(home, 'data')],
    );
    expect(stdout).toMatch(/cannot be used \(EACCES\).*GT_DATA_DIR/s);
  });
});

describe('a test database', () => {
  it('is a copy of its template, which is prepared once', async () => {
    let prepared = 0;
    const template = {
      name: 'support-check',
      prepare: async (url: string) => {
        prepared += 1;
        await query(url, 'create table here as select 7 as n');
      },
    };
    const [one, two] = await Promise.all([createTestDatabase({ template }), createTestDatabase({ template })]);
    expect(await query(one.url, 'select n from here')).toEqual([7]);
    await query(one.url, 'drop table here');
    expect(await query(two.url, 'select n from here')).toEqual([7]);
    expect(prepared).toBe(1);
    await one.drop();
    await two.drop();
    await expect(query(one.url, 'select 1')).rejects.toThrow(/does not exist/);
  });
});

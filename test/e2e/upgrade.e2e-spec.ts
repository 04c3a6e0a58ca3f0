import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findFreePort } from '../../src/platform/embedded-postgres/free-port.js';
import { runFolder } from '../support/postgres.js';
import { until } from '../support/until.js';
import {
  buildRelease,
  caller,
  fillRelease,
  killAll,
  removeRelease,
  startUp,
  type Caller,
  type FilledRelease,
  type UpPlatform,
} from '../upgrade/fill-release.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const files = '/datasets/handbook/files';

/** Migrations of the release before; what came later must leave it running. */
const before = /^(20261120)/;

describe('a migration that came after the release before', () => {
  const folder = join(root, 'prisma/migrations');
  const later = readdirSync(folder).filter((name) => /^\d/.test(name) && !before.test(name));

  const sqlOf = (name: string) => readFileSync(join(folder, name, 'migration.sql'), 'utf8').replace(/--.*$/gm, '');
  /** Tables that the release before has never seen; a later migration may drop them. */
  const made = new Set(later.flatMap((name) => [...sqlOf(name).matchAll(/\bcreate table "(\w+)"/gi)].map(([, table]) => table)));
  const schemas = new Set(
    later.flatMap((name) => [...sqlOf(name).matchAll(/\bcreate schema "?(\w+)/gi)].map(([, schema]) => schema)),
  );
  const isMade = (tables: string) => tables.split(',').every((table) => made.has(table.trim().replaceAll('"', '')));

  /** Names that a function puts together are those of tables in such schemas. */
  const namesOnly = (sql: string) => [...sql.matchAll(/'(\w+)\.%I'/g)].every(([, schema]) => schemas.has(schema));

  it.each(later)('%s takes nothing away that the release before uses', (name) => {
    const sql = sqlOf(name)
      .replace(/\bdrop table (\w+)\.%I/gi, (drop, schema: string) => (schemas.has(schema) ? '' : drop))
      .replace(/'drop table ' \|\| names/gi, (drop) => (namesOnly(sqlOf(name)) ? '' : drop))
      .replace(/\bdrop table ([^;]+);/gi, (drop, tables: string) => (isMade(tables) ? '' : drop));
    expect(sql).not.toMatch(/\bdrop\s+(table|column|schema|type|role)\b|\brename\b|\bset\s+not\s+null\b|\btruncate\b/i);
    for (const [added = ''] of sql.matchAll(/\badd\s+column\b[^,;]*/gi)) {
      if (/not\s+null/i.test(added)) expect(added).toMatch(/\bdefault\b/i);
    }
  });
});

/** Building and starting two releases takes minutes: `npm run test:soak` proves the way from one to the other. */
if (process.env['GT_TEST_SOAK'] === '1') {
  describe('the platform of the release before, killed in the midst of its work', () => {
    let folder: string;
    let release: string;
    let made: FilledRelease;
    let up: UpPlatform | undefined;
    let latter: UpPlatform['file'];
    let api: Caller;
    let receiver: Server;
    let isListening = false;
    let chats = 0;
    const told = new Map<string, string>();
    const old: ChildProcess[] = [];
    const uploaded: string[] = [];

    beforeAll(async () => {
      // While the release before runs, nobody takes its webhooks: what it could not tell is for the next one to tell.
      receiver = createServer((request, response) => {
        let text = '';
        request.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
        request.on('end', () => {
          const event = JSON.parse(text) as { type: string; data: { object: { id: string } } };
          if (isListening) told.set(event.data.object.id, event.type);
          response.writeHead(isListening ? 204 : 503).end();
        });
      });
      await new Promise<void>((done) => receiver.listen(0, '127.0.0.1', done));
      folder = mkdtempSync(join(runFolder(), 'upgrade-'));
      release = buildRelease(folder);
      made = await fillRelease(release, join(folder, 'data'), `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`);
      isListening = true;
      up = await startUp(root, join(folder, 'data'));
      latter = up.file;
      api = caller(latter);
      chats = made.chats.completed;
    }, 600_000);
    afterAll(async () => {
      for (const child of old) child.kill('SIGKILL');
      if (up !== undefined) await killAll(up);
      removeRelease(folder);
      receiver.closeAllConnections();
      receiver.close();
    }, 60_000);

    const call = (method: string, path: string, body?: object, headers?: object) =>
      api.call(made.secret, method, path, body, headers);
    const listOf = async <T>(path: string) => (await call('GET', path))['data'] as T[];
    const stateOf = async (id: string) => (await call('GET', `/files/${id}`))['status'];
    const isReady = (id: string) => until(`${id} is ready`, async () => (await stateOf(id)) === 'ready', 180_000);
    const turn = (model: string) => ({ model, messages: [{ role: 'user', content: 'hello' }] });
    const chat = async (through: Caller, secret = made.secret, model = 'assistant', headers = {}) => {
      await through.call(secret, 'POST', '/chat/completions', turn(model), headers);
      chats += 1;
    };

    it('comes up on this release with its keys, conversations and files, and answers what was answered before', async () => {
      expect(await api.statusOf(made.revokedSecret, 'GET', '/models')).toBe(401);
      expect(await stateOf(made.ready)).toBe('ready');
      const { kept, made: conversation } = made;
      const file = await api.upload(made.secret, files, kept.name, kept.text, { 'idempotency-key': kept.key });
      expect(file['id']).toBe(kept.id);
      const again = await call('POST', '/conversations', conversation.body, { 'idempotency-key': conversation.key });
      expect(again['id']).toBe(conversation.id);
      expect(again['metadata']).toEqual({ from: 'before' });
      expect(await listOf(`/conversations/${conversation.id}/items`)).toHaveLength(2);
      for (const model of ['assistant', 'librarian', 'bare']) await chat(api, made.secret, model);
    }, 60_000);

    it('brings to their end the files that were half-way or coming in, none lost', async () => {
      const repeated: string[] = [];
      for (const { key, name, text } of made.cut) {
        const again = () => api.upload(made.secret, files, name, text, { 'idempotency-key': key });
        repeated.push(String((await until('the broken run is over', again, 60_000))['id']));
      }
      for (const id of [made.kept.id, ...made.halfWay, ...repeated]) await isReady(id);
      await until('the broken file has failed', async () => (await stateOf(made.broken)) === 'failed', 60_000);
      expect(JSON.stringify(await call('GET', `/files/${made.broken}`))).toMatch(/"error":\{"code":"\w+"/);
      // The release before stored a file and its answer apart: of those that the crash cut off, it may have left one more.
      const isCut = (filename: string) => made.cut.some(({ name }) => name === filename);
      const listed = (await listOf<{ filename: string }>(`${files}?limit=100`)).map(({ filename }) => filename);
      const names = [...listed.filter((name) => !isCut(name)), ...new Set(listed.filter(isCut))].sort();
      const all = [
        'ready.txt',
        'kept.txt',
        'broken.pdf',
        ...made.halfWay.map((_id, at) => `${at}.txt`),
        ...made.cut.map(({ name }) => name),
      ];
      expect(names).toEqual(all.sort());
      for (const [query, id] of [
        ['lighthouse', made.ready],
        ['kept', made.kept.id],
      ] as const) {
        const found = (await call('POST', '/datasets/handbook/search', { query }))['data'] as { file_id: string }[];
        expect(found.map(({ file_id }) => file_id)).toContain(id);
      }
    }, 300_000);

    it('tells the webhook of every file, also of those that it could not tell before', async () => {
      for (const id of [made.ready, made.kept.id, ...made.halfWay]) {
        await until(`${id} is told`, () => told.get(id) === 'file.ready', 120_000);
      }
      await until('the failed one is told', () => told.get(made.broken) === 'file.failed', 120_000);
    }, 180_000);

    it('books the calls that were open as interrupted and those that had ended with their tokens, none twice', async () => {
      await expectUsage();
    }, 60_000);

    it('runs beside this release on the new schema: nothing is lost, and each obeys what the other changes', async () => {
      const former = await startFormer(latter);
      const both = { former, api };
      for (let round = 0; round < 4; round += 1) {
        for (const [name, through] of Object.entries(both)) {
          await chat(through, made.secret, 'assistant', { 'x-gt-conversation-id': made.made.id });
          await chat(through, made.secret, 'librarian');
          const file = await through.upload(made.secret, files, `${name} ${round}.txt`, `Text ${round} of the ${name} one.`);
          uploaded.push(String(file['id']));
        }
      }
      for (const id of uploaded) await isReady(id);
      expect(await listOf(`/conversations/${made.made.id}/items?limit=100`)).toHaveLength(2 + 2 * 8);
      for (const [name, through, other] of [
        ['former', former, api],
        ['latter', api, former],
      ] as const)
        await obeys(name, through, other);
      expect(old.map(({ exitCode }) => exitCode)).toEqual([null, null]);
      await expectUsage();
    }, 300_000);

    it('gives way to the release before again, which has all that came meanwhile', async () => {
      for (const child of old.splice(0)) child.kill('SIGKILL');
      if (up !== undefined) await killAll(up);
      up = await startUp(release, join(folder, 'data'));
      latter = up.file;
      api = caller(latter);
      expect(await listOf(`/conversations/${made.made.id}/items?limit=100`)).toHaveLength(2 + 2 * 8);
      for (const id of [made.ready, made.kept.id, ...made.halfWay, ...uploaded]) expect(await stateOf(id)).toBe('ready');
      const found = (await call('POST', '/datasets/handbook/search', { query: 'Text 1 of the api one', limit: 20 }))['data'] as {
        file_id: string;
        text: string;
      }[];
      expect(found.map(({ text }) => text)).toContain('Text 1 of the api one.');
      for (const model of ['assistant', 'librarian', 'former-alias', 'latter-alias']) await chat(api, made.secret, model);
      const file = await api.upload(made.secret, files, 'afterwards.txt', 'Written after going back.');
      await isReady(String(file['id']));
      await expectUsage();
    }, 240_000);

    /** Changes made through one release, and how the other acts on them. */
    async function obeys(name: string, through: Caller, other: Caller): Promise<void> {
      const { tenant } = made;
      const grants = { preset: 'platform-automation', agents: ['*'], raw_models: ['*'], datasets: ['*'] };
      const { id, secret } = (await through.admin('POST', '/keys', { tenant, name: `by ${name}`, ...grants })) as {
        id: string;
        secret: string;
      };
      await chat(other, secret);
      const models = { chat: { connection: 'main', model: 'sandbox-chat' } };
      await through.admin('POST', '/agents', { tenant, name: `${name}-agent`, models, datasets: ['handbook'] });
      await through.admin('POST', `/agents/${name}-agent/publish?tenant=${tenant}`, {});
      await through.admin('POST', '/endpoints', { tenant, name: `${name}-alias`, agent: `${name}-agent` });
      await until('the alias is there', async () => (await other.statusOf(secret, 'GET', `/models/${name}-alias`)) === 200);
      await chat(other, secret, `${name}-alias`);
      const asked = [
        made.secret,
        'POST',
        '/conversations',
        { metadata: { by: name } },
        { 'idempotency-key': `by-${name}` },
      ] as const;
      expect((await other.call(...asked))['id']).toBe((await through.call(...asked))['id']);
      const file = await through.upload(made.secret, files, `${name} to go.txt`, 'Soon deleted.');
      await isReady(String(file['id']));
      await other.call(made.secret, 'DELETE', `${files}/${String(file['id'])}`);
      expect(await through.statusOf(made.secret, 'GET', `/files/${String(file['id'])}`)).toBe(404);
      // The release before knows of no uses; what is published must not lose its ground all the same.
      const refusal = through === api ? [409] : [409, 500];
      for (const path of made.used) expect(refusal).toContain(await through.adminStatusOf('DELETE', `${path}?tenant=${tenant}`));
      await chat(through, secret, `${name}-alias`);
      await through.admin('POST', `/keys/${id}/revoke?tenant=${tenant}`, {});
      await until('the revoked key is refused', async () => (await other.statusOf(secret, 'GET', '/models')) === 401);
    }

    /** An API and a worker of the release before, on the database of this one. */
    async function startFormer(file: UpPlatform['file']): Promise<Caller> {
      const port = await findFreePort();
      const secrets = JSON.parse(readFileSync(join(folder, 'data/secrets.json'), 'utf8')) as { secret_keys: string };
      const env = {
        PATH: process.env['PATH'],
        DATABASE_URL: file.database_url,
        GT_DATA_DIR: join(folder, 'data'),
        GT_SECRET_KEYS: secrets.secret_keys,
        GT_PORT: String(port),
        GT_ALLOW_PRIVATE_UPSTREAMS: 'true',
      };
      for (const script of ['dist/main.js', 'dist/worker.js']) {
        old.push(spawn(process.execPath, [script], { cwd: release, env, stdio: ['ignore', 'ignore', 'inherit'] }));
      }
      const base = `http://127.0.0.1:${port}`;
      await until('the former API is well', async () => (await fetch(`${base}/readyz`)).ok, 60_000);
      return caller({ ...file, base_url: `${base}/api/tenant/v1`, admin_url: `${base}/api/admin/v1` });
    }

    /** Every chat is booked once: those that ended as completed, those that the crash broke off as interrupted. */
    async function expectUsage(): Promise<void> {
      const booked = async (state: string) => {
        const query = `/usage?route=chat.completions.create&state=${state}&limit=100&tenant=${made.tenant}`;
        const page = await api.admin('GET', query);
        const ids = (page['data'] as { request_id: string }[]).map(({ request_id }) => request_id);
        expect((page['totals'] as { calls: number }).calls).toBe(ids.length);
        return ids;
      };
      await until('all calls are booked', async () => (await booked('completed')).length >= chats, 30_000);
      const ended = await booked('completed');
      const cut = await booked('interrupted');
      expect(ended).toHaveLength(chats);
      expect(cut).toHaveLength(made.chats.interrupted);
      expect(new Set([...ended, ...cut]).size).toBe(ended.length + cut.length);
    }
  });
}

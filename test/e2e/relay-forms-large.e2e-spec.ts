import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { request as httpRequest, type ClientRequest } from 'node:http';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { startSandbox } from '../../src/sandbox/server.js';
import { createMigratedDatabase } from '../support/app.js';
import { fieldPart, filePart, formHeaders, formOf } from '../support/form-provider.js';
import { peakMemory } from '../support/peak-memory.js';
import { Factory, sandboxToken, type Sandbox, type SeededKey, type SeededTenant } from '../support/platform.js';
import { runFolder } from '../support/postgres.js';
import { startProduct, type ProductProcess } from '../support/product-process.js';
import { post, until, user } from '../support/relay.js';

const soak = process.env['GT_TEST_SOAK'] === '1';
const mebibyte = 1024 * 1024;
const fileBytes = (soak ? 1024 : 256) * mebibyte;
const atOnce = 6;
/**
 * What is promised for one form, in binary megabytes as all sizes here; each further one may have its buffers in the sockets
 * and in the young space of V8.
 */
const mostMemory = 250 * mebibyte;
/** Far less than the form: that nothing of it is gathered shows in any process, however large it began. */
const mostGrowth = fileBytes / 2;
const mostMemoryOfAll = 320 * mebibyte;

let database: Awaited<ReturnType<typeof createMigratedDatabase>>;
let sandbox: Sandbox;
let factory: Factory;
let acme: SeededTenant;
let key: SeededKey;
let otherKey: SeededKey;
let api: ProductProcess;
const dataDir = mkdtempSync(join(runFolder(), 'large-forms-'));

const start = () => startProduct('main', { databaseUrl: database.url, dataDir });

beforeAll(async () => {
  database = await createMigratedDatabase();
  sandbox = await startSandbox({ port: 0, host: '127.0.0.1', token: sandboxToken });
  factory = new Factory(database.url);
  acme = await factory.tenant('acme', `${sandbox.url}/v1`);
  await factory.rawModel(acme, 'ears', 'whisper-1');
  key = await factory.key(acme);
  otherKey = await factory.key(await factory.tenant('other', `${sandbox.url}/v1`));
  api = await start();
});
afterAll(async () => {
  await api.stop();
  await factory.close();
  await sandbox.close();
  await database.drop();
});

const piece = Buffer.alloc(mebibyte, 'sound ');
const [head, tail] = [filePart('file', Buffer.alloc(0)).subarray(0, -2), Buffer.from('\r\n')];
const model = fieldPart('model', 'ears');

/** A form with a large file, the model before or behind it. */
function* formPieces(isNamedFirst: boolean): Generator<Buffer> {
  yield isNamedFirst ? Buffer.concat([model, head]) : head;
  for (let sent = 0; sent < fileBytes; sent += piece.length) yield piece;
  yield Buffer.concat([tail, formOf(...(isNamedFirst ? [] : [model]))]);
}

function open(secret: string): { outgoing: ClientRequest; reply: Promise<{ status: number; text: string }> } {
  const url = `${api.url}/api/tenant/v1/audio/transcriptions`;
  const outgoing = httpRequest(url, { method: 'POST', headers: formHeaders(secret) });
  const reply = new Promise<{ status: number; text: string }>((resolve, reject) => {
    outgoing.once('error', reject);
    outgoing.once('response', (response) => {
      text(response).then((body) => resolve({ status: response.statusCode ?? 0, text: body }), reject);
    });
  });
  reply.catch(() => undefined);
  return { outgoing, reply };
}

/** What the sandbox says that it has heard. */
const heard = (): string => {
  const hash = createHash('sha256');
  for (let sent = 0; sent < fileBytes; sent += piece.length) hash.update(piece);
  return `Heard ${fileBytes} bytes of talk.mp3 (${hash.digest('hex').slice(0, 12)})`;
};

async function spooled(): Promise<string[]> {
  const names = await readdir(join(dataDir, 'spool'), { recursive: true }).catch(() => []);
  return names.filter((name) => name.endsWith('.part'));
}

describe('large forms', () => {
  it(
    `go through a process of 250 MB, and ${atOnce} at once through one of 320 MB`,
    async () => {
      const said = heard();
      const before = peakMemory(api.pid);
      const alone = open(key.secret);
      await pipeline(Readable.from(formPieces(true), { objectMode: true }), alone.outgoing);
      expect((await alone.reply).text).toContain(said);
      expect(peakMemory(api.pid)).toBeLessThan(mostMemory);
      expect(peakMemory(api.pid) - before).toBeLessThan(mostGrowth);
      // One tenant may keep two of them on the disk at once; the others flow.
      const named = Array.from({ length: atOnce }, (_none, at) => at >= 2);
      const replies = await Promise.all(
        named.map(async (isNamedFirst) => {
          const { outgoing, reply } = open(key.secret);
          await pipeline(Readable.from(formPieces(isNamedFirst), { objectMode: true }), outgoing);
          return reply;
        }),
      );
      for (const { status, text: body } of replies) {
        expect(status).toBe(200);
        expect(body).toContain(said);
      }
      expect(peakMemory(api.pid)).toBeLessThan(mostMemoryOfAll);
      await until('nothing is left', async () => (await spooled()).length === 0);
    },
    soak ? 900_000 : 120_000,
  );

  it("do not hold up another tenant's calls, however slowly they come", async () => {
    const { outgoing, reply } = open(key.secret);
    const pieces = formPieces(true);
    let isOver = false;
    void reply.then(() => (isOver = true));
    for (let sent = 0; sent < fileBytes / 2; sent += piece.length) {
      const { value } = pieces.next();
      if (value !== undefined && !outgoing.write(value)) await new Promise((resolve) => outgoing.once('drain', resolve));
    }
    // Now it stands still.
    for (let call = 0; call < 20; call += 1) {
      const url = `${api.url}/api/tenant/v1/chat/completions`;
      const answer = await post({ url, secret: otherKey.secret, body: { model: 'assistant', messages: [user('hi')] } });
      expect(answer.status).toBe(200);
      await answer.arrayBuffer();
    }
    expect(isOver).toBe(false);
    await pipeline(Readable.from(pieces, { objectMode: true }), outgoing);
    expect(await reply).toMatchObject({ status: 200 });
  }, 120_000);

  it('leave nothing behind a kill -9 once the process has started again', async () => {
    const { outgoing } = open(key.secret);
    outgoing.on('error', () => undefined);
    outgoing.write(Buffer.concat([head, piece]));
    await until('it is kept', async () => (await spooled()).length === 1);
    await api.kill();
    expect(await spooled()).toHaveLength(1);
    api = await start();
    await until('nothing is left', async () => (await spooled()).length === 0);
  });
});

import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { newId } from '../../src/kernel/ids.js';
import { FileAnnouncements } from '../../src/modules/files/watch/file-announcements.js';
import { FileClaimsRepository, type ClaimResult } from '../../src/modules/files/ingestion/file-claims.repository.js';
import type { ClaimedFile } from '../../src/modules/files/record/file-record.js';
import { attemptLimit, SupersededError } from '../../src/modules/files/ingestion/file-steps.js';
import { PassagesRepository } from '../../src/modules/files/ingestion/passages.repository.js';
import { FilesRepository } from '../../src/modules/files/record/files.repository.js';
import { WebhookDeliveriesRepository } from '../../src/modules/webhooks/webhook-deliveries.repository.js';
import { WebhookOutbox } from '../../src/modules/webhooks/webhook-outbox.js';
import { WebhooksRepository } from '../../src/modules/webhooks/webhooks.repository.js';
import { ConnectionPool } from '../../src/platform/database/connection-pool.js';
import { TenantDatabase, type Transaction } from '../../src/platform/database/tenant-database.js';
import { createMigratedDatabase } from '../support/app.js';
import { keepFormerPassages } from '../support/passages.js';
import { Factory, type SeededTenant } from '../support/platform.js';
import type { TestDatabase } from '../support/postgres.js';

let database: TestDatabase;
let connections: ConnectionPool;
let factory: Factory;
let acme: SeededTenant;
let fileId: string;

const files = new FilesRepository();
const outbox = new WebhookOutbox(new WebhooksRepository(), new WebhookDeliveriesRepository());
const claims = new FileClaimsRepository(new FileAnnouncements(files, outbox));
const passages = new PassagesRepository();
const inTenant = <T>(work: (tx: Transaction) => Promise<T>): Promise<T> => new TenantDatabase(connections).run(acme.id, work);
const take = (): Promise<ClaimResult> => inTenant((tx) => claims.take(tx, acme.id, fileId));
const row = () => factory.run((tx) => tx.file.findUniqueOrThrow({ where: { tenantId_id: { tenantId: acme.id, id: fileId } } }));

async function taken(): Promise<ClaimedFile> {
  const result = await take();
  if (typeof result === 'string') throw new Error(`Not taken: ${result}.`);
  return result.claimed;
}

/** As if the run had died a while ago. */
async function silence(): Promise<void> {
  await factory.run((tx) => tx.$executeRaw`update files set queued_at = now() - interval '11 seconds' where id = ${fileId}`);
}

beforeAll(async () => {
  database = await createMigratedDatabase();
  connections = new ConnectionPool({ DATABASE_URL: database.url, GT_DATABASE_POOL: 4 });
  await keepFormerPassages((text) => connections.pool.query(text));
  factory = new Factory(database.url);
  acme = await factory.tenant('acme', 'http://127.0.0.1:1/v1');
});
afterAll(async () => {
  await factory.close();
  await connections.close();
  await database.drop();
});
beforeEach(async () => {
  fileId = newId('file');
  const values = {
    kind: 'file',
    purpose: 'user_data',
    filename: 'a.txt',
    mediaType: 'text/plain',
    bytes: 1n,
    sha256: 'x',
    keyId: 'key_1',
  };
  const none = { datasetId: null, conversationId: null, generation: 1 };
  await inTenant((tx) => files.insert(tx, acme.id, fileId, { ...values, ...none, storageKey: `${acme.id}/${fileId}` }));
});

describe('the claim on a file', () => {
  it('is one: of many who want it at once one gets it, the others find it busy', async () => {
    const results = await Promise.all(Array.from({ length: 8 }, take));
    expect(results.filter((result) => typeof result !== 'string')).toHaveLength(1);
    expect(results.filter((result) => result === 'busy')).toHaveLength(7);
    expect(await row()).toMatchObject({ attempts: 1, state: 'stored', stage: 'parse' });
  });

  it('is taken over from a run that said nothing for ten seconds, which can write nothing any more', async () => {
    const first = await taken();
    expect(await take()).toBe('busy');
    await silence();
    const second = await taken();
    expect([first.attempt, second.attempt]).toEqual([1, 2]);
    const before = await row();
    const writes: ((tx: Transaction) => Promise<void>)[] = [
      (tx) => claims.advance(tx, first, 'parsed'),
      (tx) => claims.progress(tx, first, 50),
      (tx) => claims.beat(tx, first),
      (tx) => claims.fail(tx, first, 'no_text', 'x'),
      (tx) => claims.release(tx, first, 'processing_failed', 'x'),
      (tx) => claims.giveBack(tx, first),
      async (tx) => {
        await claims.advance(tx, first, 'ready');
        await passages.replace(tx, first, [{ text: 'a', tokens: 1, source: {} }], null, []);
      },
    ];
    for (const write of writes) await expect(inTenant(write)).rejects.toThrow(SupersededError);
    expect(await row()).toEqual(before);
    expect(await factory.run((tx) => tx.chunk.count({ where: { fileId } }))).toBe(0);
    await inTenant((tx) => claims.advance(tx, second, 'parsed'));
    expect(await row()).toMatchObject({ state: 'parsed', stage: 'chunk', attempts: 2 });
  });

  it('is lost at once when the file is to be processed again, or is deleted', async () => {
    const first = await taken();
    await inTenant((tx) => files.requeue(tx, acme.id, fileId));
    await expect(inTenant((tx) => claims.advance(tx, first, 'parsed'))).rejects.toThrow(SupersededError);
    const second = await taken();
    expect(second.attempt).toBe(2);
    await inTenant((tx) => files.delete(tx, acme.id, fileId));
    await expect(inTenant((tx) => claims.beat(tx, second))).rejects.toThrow(SupersededError);
    expect(await take()).toBe('over');
  });

  it('goes on to later states alone, over any of them; an earlier one writes nothing', async () => {
    const claim = await taken();
    const way = ['stored', 'parsed', 'chunked', 'embedded', 'ready'] as const;
    for (const [at, next] of ([1, 2, 4] as const).map((place) => [place, way[place]] as const)) {
      await inTenant((tx) => claims.advance(tx, claim, next));
      expect((await row()).state).toBe(next);
      for (const other of way.slice(0, at + 1))
        await expect(inTenant((tx) => claims.advance(tx, claim, other))).rejects.toThrow(SupersededError);
    }
    await expect(inTenant((tx) => claims.fail(tx, claim, 'no_text', 'x'))).rejects.toThrow(SupersededError);
    expect(await take()).toBe('over');
    expect(await row()).toMatchObject({ state: 'ready', stage: 'done', percent: 100 });
  });

  it('ends: after five attempts that died the file is failed, with the last known reason', async () => {
    for (let attempt = 1; attempt <= attemptLimit; attempt += 1) {
      const claim = await taken();
      if (attempt === 3) await inTenant((tx) => claims.release(tx, claim, 'embedding_failed', 'The model was away.'));
      else await silence();
    }
    expect(await take()).toBe('over');
    expect(await row()).toMatchObject({
      state: 'failed',
      attempts: attemptLimit,
      errorCode: 'embedding_failed',
      errorMessage: 'The model was away.',
    });
  });

  it('tells the webhooks of an end that no run lived to see', async () => {
    const webhookId = newId('webhook');
    const values = { url: 'http://127.0.0.1:1/', events: ['file.failed'], secret: new Uint8Array([1]) };
    await factory.run((tx) => tx.webhook.create({ data: { tenantId: acme.id, id: webhookId, ...values } }));
    for (let attempt = 1; attempt <= attemptLimit; attempt += 1) {
      await taken();
      await silence();
    }
    expect(await take()).toBe('over');
    expect(await take()).toBe('over');
    const told = await factory.run((tx) => tx.webhookDelivery.findMany({ where: { webhookId } }));
    expect(told).toMatchObject([
      { event: 'file.failed', state: 'pending', payload: { object: { id: fileId, status: 'error', gt: { state: 'failed' } } } },
    ]);
    await factory.run((tx) => tx.webhook.deleteMany({ where: { id: webhookId } }));
  });

  it('does not count against the limit when the process stopped in order', async () => {
    for (let attempt = 1; attempt <= attemptLimit + 2; attempt += 1) {
      const claim = await taken();
      expect(claim.attempt).toBe(attempt);
      await inTenant((tx) => claims.giveBack(tx, claim));
      expect(await row()).toMatchObject({ state: 'stored', stage: null, queuedAt: null });
    }
  });

  it('lets a failed file be tried again, also after its last attempt', async () => {
    for (let attempt = 1; attempt <= attemptLimit; attempt += 1) {
      await taken();
      await silence();
    }
    expect(await take()).toBe('over');
    await inTenant((tx) => files.requeue(tx, acme.id, fileId));
    expect(await row()).toMatchObject({ state: 'stored', stage: null, errorCode: null });
    expect((await taken()).attempt).toBe(attemptLimit + 1);
  });
});

describe('the passages of a file', () => {
  it('are replaced as a whole, with their vectors, in the transaction of their attempt', async () => {
    const first = await taken();
    const many = Array.from({ length: 250 }, (_none, at) => ({
      text: `passage "${at}" \\ é 漢`,
      tokens: 3,
      source: { page: at },
    }));
    const vectors = many.map((_chunk, at) => Float32Array.from([at, 0.1, -2]));
    await inTenant((tx) => passages.replace(tx, first, many, 'model-a', vectors));
    const stored = await factory.run((tx) => tx.chunk.findMany({ where: { fileId }, orderBy: { ordinal: 'asc' } }));
    expect(stored.map(({ text }) => text)).toEqual(many.map(({ text }) => text));
    expect(stored.map(({ embedding }) => Float32Array.from(embedding))).toEqual(vectors);
    expect(stored[7]).toMatchObject({ ordinal: 7, attempt: 1, tokens: 3, source: { page: 7 }, embeddingModel: 'model-a' });
    const bytes = await factory.run((tx) => tx.passageVector.findMany({ where: { fileId }, orderBy: { ordinal: 'asc' } }));
    expect(bytes.map(({ vector }) => new Float32Array(Uint8Array.from(vector).buffer))).toEqual(vectors);
    expect(bytes.map(({ dimensions, embeddingModel }) => [dimensions, embeddingModel])).toEqual(many.map(() => [3, 'model-a']));
    expect(bytes.slice(0, 2).map(({ signs }) => [...signs])).toEqual([[0b010], [0b011]]);
    await silence();
    const second = await taken();
    const broken = inTenant(async (tx) => {
      await passages.replace(tx, second, [{ text: 'new', tokens: 1, source: {} }], null, []);
      throw new Error('a crash before the commit');
    });
    await expect(broken).rejects.toThrow('a crash');
    expect(await factory.run((tx) => tx.chunk.count({ where: { fileId, attempt: 1 } }))).toBe(250);
    await inTenant((tx) => passages.replace(tx, second, [{ text: 'new', tokens: 1, source: {} }], null, []));
    const replaced = await factory.run((tx) => tx.chunk.findMany({ where: { fileId } }));
    expect(replaced.map(({ text, attempt, embedding, embeddingModel }) => [text, attempt, embedding, embeddingModel])).toEqual([
      ['new', 2, [], null],
    ]);
    expect(await factory.run((tx) => tx.passageVector.count({ where: { fileId } }))).toBe(0);
  });
});

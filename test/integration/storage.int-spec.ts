import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { Logger } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ConfigModule, type Config } from '../../src/config/config.module.js';
import { newId } from '../../src/kernel/ids.js';
import { LocalObjectStore } from '../../src/platform/storage/local-object-store.js';
import { objectKey } from '../../src/platform/storage/object-key.js';
import { ObjectStore } from '../../src/platform/storage/object-store.js';
import { S3ObjectStore, type S3ObjectStoreOptions } from '../../src/platform/storage/s3-object-store.js';
import { StorageModule } from '../../src/platform/storage/storage.module.js';
import { runFolder } from '../support/postgres.js';
import { startS3, type S3Server } from '../support/s3.js';

const mebibyte = 1024 * 1024;
const tenantA = 'ten_a';
const tenantB = 'ten_b';

let s3: S3Server;
let folder: string;
const stores: ObjectStore[] = [];

beforeAll(async () => {
  Logger.overrideLogger(false);
  s3 = await startS3();
});

afterAll(async () => {
  await s3.close();
});

beforeEach(async () => {
  folder = await mkdtemp(join(runFolder(), 'storage-'));
});

afterEach(async () => {
  s3.fault = () => undefined;
  for (const store of stores) {
    for (const tenant of [tenantA, tenantB]) await store.deletePrefix(`${tenant}/`);
    await store.close();
  }
  stores.length = 0;
  // A claim stays for as long as the storage does.
  expect((await filesBelow(folder)).filter((name) => !name.endsWith('.claim'))).toEqual([]);
  expect(await s3.openUploads()).toEqual([]);
});

function s3Options(): S3ObjectStoreOptions {
  const { endpoint, bucket, credentials } = s3;
  return {
    endpoint,
    bucket,
    credentials,
    region: 'us-east-1',
    forcePathStyle: true,
    incoming: join(folder, 'incoming'),
    partBytes: 5 * mebibyte,
    partBuffers: 3,
  };
}

function opened<T extends ObjectStore>(store: T): T {
  stores.push(store);
  return store;
}

const openLocal = (): LocalObjectStore => opened(new LocalObjectStore({ root: join(folder, 'files') }));
const openS3 = (changes: Partial<S3ObjectStoreOptions> = {}): S3ObjectStore =>
  opened(new S3ObjectStore({ ...s3Options(), ...changes }));

/** Every file below a folder but the notes of who owns a folder. */
async function filesBelow(path: string): Promise<string[]> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isFile() && entry.name !== 'owner.json').map((entry) => entry.name);
}

async function put(store: ObjectStore, key: string, content: Buffer): Promise<void> {
  const writer = await store.beginWrite();
  await pipeline(Readable.from(chunksOf(content)), writer.stream);
  await writer.commit(key);
}

function* chunksOf(content: Buffer): Generator<Buffer> {
  for (let at = 0; at < content.length; at += 65_536) yield content.subarray(at, at + 65_536);
}

async function get(store: ObjectStore, key: string, range?: { start?: number; end?: number }): Promise<Buffer | undefined> {
  const stream = await store.openRead(key, range);
  return stream === undefined ? undefined : buffer(stream);
}

async function keysOf(store: ObjectStore, prefix: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of store.list(prefix)) keys.push(key);
  return keys.sort();
}

const installation = 'ins_0123456789abcdef';
const newKey = (tenant = tenantA): string => `${tenant}/${newId('file')}`;
const placedKey = (of = installation): string => objectKey(of, tenantA, newId('file'));
const sha256 = (content: Buffer): string => createHash('sha256').update(content).digest('hex');

describe.each([
  ['local folder', openLocal],
  ['S3', openS3],
])('the %s driver', (_name, open) => {
  it.each([
    ['empty', 0],
    ['small', 1234],
    ['as large as a part', 5 * mebibyte],
    ['of several parts', 12 * mebibyte + 17],
  ])('gives back a file that is %s, byte for byte', async (_size, bytes) => {
    const store = open();
    const [key, content] = [newKey(), randomBytes(bytes)];
    const before = Date.now();
    await put(store, key, content);
    expect(sha256((await get(store, key)) ?? Buffer.from('none'))).toBe(sha256(content));
    const facts = await store.stat(key);
    expect(facts?.bytes).toBe(bytes);
    expect(Math.abs((facts?.modifiedAtMs ?? 0) - before)).toBeLessThan(20_000);
  });

  it('reads any range, both ends included, and nothing past the end', async () => {
    const store = open();
    const [key, content] = [newKey(), randomBytes(1000)];
    await put(store, key, content);
    for (const [start, end] of [
      [0, 0],
      [0, 9],
      [10, 19],
      [990, 999],
      [990, 5000],
      [999, 999],
    ] as const) {
      expect(await get(store, key, { start, end })).toEqual(content.subarray(start, end + 1));
    }
    expect(await get(store, key, { start: 400 })).toEqual(content.subarray(400));
    expect(await get(store, key, { start: 1000 })).toEqual(Buffer.alloc(0));
    await expect(store.openRead(key, { start: 5, end: 4 })).rejects.toThrow(RangeError);
    await expect(store.openRead(key, { start: -1 })).rejects.toThrow(RangeError);
  });

  it('says of an absent object that there is none, and deletes it without complaint', async () => {
    const store = open();
    const key = newKey();
    expect(await store.openRead(key)).toBeUndefined();
    expect(await store.stat(key)).toBeUndefined();
    await store.delete(key);
    await put(store, key, Buffer.from('x'));
    await store.delete(key);
    expect(await store.stat(key)).toBeUndefined();
  });

  it('shows an object to nobody before it is committed', async () => {
    const store = open();
    const key = newKey();
    const writer = await store.beginWrite();
    await pipeline(Readable.from([randomBytes(6 * mebibyte)]), writer.stream);
    expect(await store.stat(key)).toBeUndefined();
    expect(await keysOf(store, '')).toEqual([]);
    await writer.commit(key);
    expect(await keysOf(store, '')).toEqual([key]);
    await writer.abort();
    expect((await store.stat(key))?.bytes).toBe(6 * mebibyte);
  });

  it('leaves nothing of an aborted write, at whatever point, however often', async () => {
    const store = open();
    const [untouched, half, ended] = [await store.beginWrite(), await store.beginWrite(), await store.beginWrite()];
    half.stream.write(randomBytes(3 * mebibyte));
    ended.stream.end(randomBytes(7 * mebibyte));
    await Promise.all([untouched, half, ended].flatMap((writer) => [writer.abort(), writer.abort()]));
    expect(await filesBelow(folder)).toEqual([]);
    expect(await s3.openUploads()).toEqual([]);
    await expect(half.commit(newKey())).rejects.toMatchObject({ code: 'overloaded' });
    expect(await keysOf(store, '')).toEqual([]);
  });

  it('lists and removes the objects of one tenant and leaves the other its own', async () => {
    const store = open();
    const [mine, theirs] = [Array.from({ length: 12 }, () => newKey(tenantA)), [newKey(tenantB), newKey(tenantB)]];
    await Promise.all([...mine, ...theirs].map((key) => put(store, key, Buffer.from(key))));
    expect(await keysOf(store, `${tenantA}/`)).toEqual([...mine].sort());
    expect(await keysOf(store, '')).toEqual([...mine, ...theirs].sort());
    await store.deletePrefix(`${tenantA}/`);
    expect(await keysOf(store, '')).toEqual([...theirs].sort());
    await store.deletePrefix(`${tenantA}/`);
  });

  it('refuses every key and prefix that is not of ids, in every operation', async () => {
    const store = open();
    const writer = await store.beginWrite();
    writer.stream.end('x');
    for (const key of ['../../etc/passwd', 'ten_a/../ten_b/file-x', 'incoming/file-x', 'ten_a/file-x/y', '']) {
      await expect(store.openRead(key)).rejects.toThrow(RangeError);
      await expect(store.stat(key)).rejects.toThrow(RangeError);
      await expect(store.delete(key)).rejects.toThrow(RangeError);
      await expect(writer.commit(key)).rejects.toThrow(RangeError);
    }
    for (const prefix of ['', '/', '..', 'ten_a', '../']) await expect(store.deletePrefix(prefix)).rejects.toThrow(RangeError);
    await writer.abort();
  });

  it('keeps thirty uploads at once apart', async () => {
    const store = open();
    const contents = new Map(
      Array.from({ length: 30 }, (_value, at) => [newKey(at % 2 === 0 ? tenantA : tenantB), randomBytes(at * 40_000)]),
    );
    await Promise.all([...contents].map(([key, content]) => put(store, key, content)));
    for (const [key, content] of contents) expect(sha256((await get(store, key)) ?? Buffer.from('none'))).toBe(sha256(content));
  });

  it('lets one of many claim an installation, tells the others who did, and lets it be taken over', async () => {
    const of = `ins_${newId('file').slice(5, 21)}`;
    const owners = Array.from({ length: 8 }, (_none, at) => `database ${at}`);
    const said = await Promise.all(owners.map((owner) => open().claim(of, owner)));
    expect(new Set(said).size).toBe(1);
    expect(owners).toContain(said[0]);
    await open().reclaim(of, 'another');
    expect(await open().claim(of, 'late')).toBe('another');
    expect(await keysOf(open(), of)).toEqual([]);
  });

  it('lists what is under an installation', async () => {
    const store = open();
    const [own, theirs, former] = [placedKey(), placedKey('ins_ffffffffffffffff'), newKey()];
    for (const key of [own, theirs, former]) await put(store, key, Buffer.from('x'));
    expect(await keysOf(store, installation)).toEqual([own]);
    for (const key of [own, theirs, former]) await store.delete(key);
  });

  it('answers a ping, sweeps beside a running upload without touching it, and aborts it when closed', async () => {
    const store = open();
    await store.ping();
    const writer = await store.beginWrite();
    writer.stream.write('half');
    expect(await store.sweep()).toBe(0);
    writer.stream.end();
    await writer.commit(newKey());
    const left = await store.beginWrite();
    left.stream.write('half');
    await store.close();
    expect((await filesBelow(folder)).filter((name) => name.endsWith('.part'))).toEqual([]);
  });
});

describe('the S3 driver', () => {
  const large = 12 * mebibyte;

  it('takes a multipart upload back when a part cannot be sent, and answers 503', async () => {
    const store = openS3();
    s3.fault = (request) => (/PUT .*partNumber=2/.test(request) ? 'answer 500' : undefined);
    await expect(put(store, newKey(), randomBytes(large))).rejects.toMatchObject({
      code: 'overloaded',
      status: 503,
      headers: { 'retry-after': '5' },
    });
    expect(await s3.openUploads()).toEqual([]);
    expect(await keysOf(store, '')).toEqual([]);
  });

  it('sends nothing to S3 before the commit', async () => {
    const store = openS3();
    const writer = await store.beginWrite();
    const before = s3.requests.length;
    await pipeline(Readable.from(chunksOf(randomBytes(large))), writer.stream);
    await writer.abort();
    expect(s3.requests.slice(before)).toEqual([]);
  });

  it('gets over a connection that is lost once', async () => {
    const store = openS3();
    const lost = new Set<string>();
    s3.fault = (request) => {
      if (!/^(PUT|POST)/.test(request) || lost.has(request)) return undefined;
      lost.add(request);
      return 'cut';
    };
    const [key, content] = [newKey(), randomBytes(large)];
    await put(store, key, content);
    expect(lost.size).toBeGreaterThan(3);
    expect(sha256((await get(store, key)) ?? Buffer.from('none'))).toBe(sha256(content));
  });

  it('takes an upload for stored whose last answer was lost', async () => {
    const store = openS3();
    s3.fault = (request) => (/^POST .*uploadId=/.test(request) ? 'cut after' : undefined);
    const [key, content] = [newKey(), randomBytes(large)];
    await put(store, key, content);
    s3.fault = () => undefined;
    expect(sha256((await get(store, key)) ?? Buffer.from('none'))).toBe(sha256(content));
  });

  it('sweeps what a dead process left of multipart uploads once it is a day old, and only its own', async () => {
    const store = openS3();
    const { CreateMultipartUploadCommand, AbortMultipartUploadCommand, S3Client } = await import('@aws-sdk/client-s3');
    const { endpoint, credentials, bucket } = s3;
    const client = new S3Client({
      endpoint,
      credentials,
      region: 'us-east-1',
      forcePathStyle: true,
      requestChecksumCalculation: 'WHEN_REQUIRED',
    });
    await client.send(new CreateMultipartUploadCommand({ Bucket: bucket, Key: placedKey() }));
    const { UploadId: neighbours } = await client.send(
      new CreateMultipartUploadCommand({ Bucket: bucket, Key: placedKey('ins_ffffffffffffffff') }),
    );
    const { UploadId: theirs } = await client.send(new CreateMultipartUploadCommand({ Bucket: bucket, Key: 'backup/2026.tar' }));
    s3.uploadsBegunAt = new Date();
    expect(await store.sweep(installation)).toBe(0);
    s3.uploadsBegunAt = new Date(Date.now() - 25 * 60 * 60 * 1000);
    expect(await store.sweep(installation)).toBe(1);
    expect(await s3.openUploads()).toHaveLength(2);
    expect(await s3.openUploads()).toEqual(expect.arrayContaining([theirs, neighbours]));
    for (const UploadId of [theirs, neighbours])
      await client.send(new AbortMultipartUploadCommand({ Bucket: bucket, Key: 'backup/2026.tar', UploadId }));
    client.destroy();
  });

  it('does not mind a server that cannot list multipart uploads', async () => {
    const store = openS3();
    s3.fault = (request) => (/^GET .*uploads/.test(request) ? 'answer 501' : undefined);
    expect(await store.sweep(installation)).toBe(0);
    s3.fault = (request) => (/^GET .*uploads/.test(request) ? 'answer 500' : undefined);
    await expect(store.sweep(installation)).rejects.toMatchObject({ code: 'overloaded' });
  });

  it('says overloaded of a server that is away, whatever is asked', async () => {
    const store = new S3ObjectStore({ ...s3Options(), endpoint: 'http://127.0.0.1:1' });
    const away = { code: 'overloaded' };
    await expect(store.ping()).rejects.toMatchObject(away);
    await expect(store.stat(newKey())).rejects.toMatchObject(away);
    await expect(store.openRead(newKey())).rejects.toMatchObject(away);
    await expect(put(store, newKey(), Buffer.from('x'))).rejects.toMatchObject(away);
    await expect(keysOf(store, '')).rejects.toMatchObject(away);
    await store.close();
  });
});

describe('StorageModule', () => {
  it.each([
    ['local', LocalObjectStore],
    ['s3', S3ObjectStore],
  ] as const)('opens the store that GT_STORAGE=%s names, and closes it with the process', async (driver, expected) => {
    const settings = {
      GT_DATA_DIR: folder,
      GT_STORAGE: driver,
      GT_S3_ENDPOINT: s3.endpoint,
      GT_S3_BUCKET: s3.bucket,
      GT_S3_REGION: 'us-east-1',
      GT_S3_ACCESS_KEY_ID: s3.credentials.accessKeyId,
      GT_S3_SECRET_ACCESS_KEY: s3.credentials.secretAccessKey,
      GT_S3_FORCE_PATH_STYLE: true,
    };
    const root = class {};
    const app = await NestFactory.createApplicationContext(
      { module: root, imports: [ConfigModule.forRoot(settings as unknown as Config), StorageModule] },
      { logger: false },
    );
    const store = app.get(ObjectStore);
    expect(store).toBeInstanceOf(expected);
    const key = newKey();
    await put(store, key, Buffer.from('hello'));
    expect((await get(store, key))?.toString()).toBe('hello');
    await store.delete(key);
    const writer = await store.beginWrite();
    writer.stream.write('half');
    await app.close();
    expect(await filesBelow(folder)).toEqual([]);
  });
});

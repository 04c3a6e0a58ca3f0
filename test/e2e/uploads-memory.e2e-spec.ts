import { describe, expect, it } from '@jest/globals';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { json } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { FilesBench } from '../support/files.js';
import { peakMemory } from '../support/peak-memory.js';
import type { ProductProcess } from '../support/product-process.js';
import { openai } from '../support/relay.js';
import { startS3, type S3Server } from '../support/s3.js';

const isSoak = process.env['GT_TEST_SOAK'] === '1';
const mebibyte = 1024 * 1024;
/** Parts in MiB: all that a file may have, in parts as large as they may be; or what shows the same sooner. */
const counts = Array.from({ length: isSoak ? 16 : 8 }, () => (isSoak ? 64 : 20));
/** `npm test` has the way to S3 in the tests of forms, which parts are. */
const stores = isSoak ? ['a local folder', 'S3'] : ['a local folder'];
const atOnce = 3;
/** Buffers on the way, and a collector that comes late: less than is sent, and the same for a file of any length. */
const mostGrowth = 100 * mebibyte;
const piece = randomBytes(mebibyte);
const head = Buffer.from(
  '--b\r\nContent-Disposition: form-data; name="data"; filename="part"\r\nContent-Type: application/octet-stream\r\n\r\n',
);
const tail = Buffer.from('\r\n--b--\r\n');

function* formOf(count: number): Generator<Buffer> {
  yield head;
  for (let sent = 0; sent < count; sent += 1) yield piece;
  yield tail;
}

/** One part of so many pieces, as fast as it is taken. */
async function addPart(api: ProductProcess, secret: string, id: string, count: number): Promise<string> {
  const request = httpRequest(`${api.url}/api/tenant/v1/uploads/${id}/parts`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${secret}`,
      'content-type': 'multipart/form-data; boundary=b',
      'content-length': head.length + count * mebibyte + tail.length,
    },
  });
  const answered = once(request, 'response') as Promise<[IncomingMessage]>;
  await pipeline(Readable.from(formOf(count)), request);
  const part = (await json((await answered)[0])) as { id?: string };
  if (part.id === undefined) throw new Error(`The part was refused: ${JSON.stringify(part)}`);
  return part.id;
}

/** A whole upload; its file must have what was sent. */
async function upload(api: ProductProcess, secret: string, counts: readonly number[]): Promise<void> {
  const client = openai(`${api.url}/api/tenant/v1`, { secret }, { timeout: 300_000 });
  const total = counts.reduce((sum, count) => sum + count, 0);
  const whole = { sha256: createHash('sha256'), md5: createHash('md5') };
  for (let sent = 0; sent < total; sent += 1) for (const hash of Object.values(whole)) hash.update(piece);
  const form = { filename: 'large.bin', purpose: 'user_data', mime_type: 'application/octet-stream' } as const;
  const { id } = await client.uploads.create({ ...form, bytes: total * mebibyte });
  const part_ids: string[] = [];
  const open = [...counts.entries()];
  const sender = async (): Promise<void> => {
    for (let next = open.shift(); next !== undefined; next = open.shift())
      part_ids[next[0]] = await addPart(api, secret, id, next[1]);
  };
  await Promise.all(Array.from({ length: atOnce }, sender));
  const { file } = await client.uploads.complete(id, { part_ids, md5: whole.md5.digest('hex') });
  expect(file).toMatchObject({ bytes: total * mebibyte, gt: { sha256: whole.sha256.digest('hex') } });
  await client.files.delete(file?.id ?? '');
}

const settingsOf = ({ endpoint, bucket, credentials }: S3Server) => ({
  GT_STORAGE: 's3',
  GT_S3_ENDPOINT: endpoint,
  GT_S3_BUCKET: bucket,
  GT_S3_FORCE_PATH_STYLE: 'true',
  GT_S3_ACCESS_KEY_ID: credentials.accessKeyId,
  GT_S3_SECRET_ACCESS_KEY: credentials.secretAccessKey,
});

describe('a large file in parts leaves the memory of the API flat', () => {
  it.each(stores)(
    'on its way to %s',
    async (store) => {
      const s3 = store === 'S3' ? await startS3() : undefined;
      const bench = await FilesBench.start(s3 === undefined ? {} : settingsOf(s3));
      try {
        const { secret } = await bench.key();
        const api = await bench.api();
        // What a first upload loads is there afterwards.
        for (let round = 0; round < 2; round += 1) await upload(api, secret, [1, 2, 1]);
        const before = peakMemory(api.pid);
        await upload(api, secret, counts);
        expect(peakMemory(api.pid) - before).toBeLessThan(mostGrowth);
        expect((await s3?.openUploads()) ?? []).toEqual([]);
      } finally {
        await bench.close();
        await s3?.close();
      }
    },
    isSoak ? 600_000 : 120_000,
  );
});

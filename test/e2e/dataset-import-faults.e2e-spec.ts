import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readdirSync, readlinkSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { zipWith } from '../support/documents.js';
import { FilesBench } from '../support/files.js';
import { startS3, type S3Server } from '../support/s3.js';
import { until } from '../support/until.js';

let s3: S3Server;
let bench: FilesBench;
let datasetId: string;

beforeAll(async () => {
  s3 = await startS3();
  bench = await FilesBench.start({
    GT_STORAGE: 's3',
    GT_S3_ENDPOINT: s3.endpoint,
    GT_S3_BUCKET: s3.bucket,
    GT_S3_FORCE_PATH_STYLE: 'true',
    GT_S3_ACCESS_KEY_ID: s3.credentials.accessKeyId,
    GT_S3_SECRET_ACCESS_KEY: s3.credentials.secretAccessKey,
  });
  datasetId = (await bench.call((await bench.key()).secret, 'GET', '/datasets/handbook')).body.id;
});
afterAll(async () => {
  await bench.close();
  await s3.close();
});

async function importArchive(archive: Buffer): Promise<number> {
  const { adminUrl, operatorToken } = bench.platform.app;
  const form = new FormData();
  form.append('file', new Blob([Uint8Array.from(archive)]), 'all.zip');
  const headers = { authorization: `Bearer ${operatorToken}` };
  const reply = await fetch(`${adminUrl}/datasets/${datasetId}/import?tenant=acme`, { method: 'POST', headers, body: form });
  await reply.arrayBuffer();
  return reply.status;
}

const imports = () => bench.platform.factory.run((tx) => tx.audit.findMany({ where: { action: 'import' } }));

/** Files of the platform's data folder that this process holds open. */
function openFiles(): string[] {
  return readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      const path = readlinkSync(`/proc/self/fd/${fd}`);
      // The journal is open as long as the process runs.
      return path.startsWith(bench.dataDir) && !path.includes('/journal/') ? [path] : [];
    } catch {
      return [];
    }
  });
}

describe('an import', () => {
  it('that breaks off midway is audited with what it brought', async () => {
    let puts = 0;
    s3.fault = (request) => (request.startsWith('PUT') && (puts += 1) > 2 ? 'answer 500' : undefined);
    const entries = { 'a.txt': 'a', 'b.txt': 'b', 'c.txt': 'c', 'd.txt': 'd' };
    expect(await importArchive(await zipWith(entries))).toBe(503);
    s3.fault = () => undefined;
    expect((await imports()).map(({ objectId, changes }) => [objectId, changes])).toEqual([
      [datasetId, { accepted: 2, refused: 0, left: 2 }],
    ]);
    expect(await bench.platform.factory.run((tx) => tx.file.count())).toBe(2);
  });

  it('leaves nothing open of entries that it refuses after their first bytes', async () => {
    const picture = Buffer.concat([Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'), randomBytes(2 * 1024 * 1024)]);
    const entries = Object.fromEntries(Array.from({ length: 5 }, (_none, at) => [`${at}.png`, picture]));
    expect(await importArchive(await zipWith(entries))).toBe(200);
    await until('the archive is let go of', () => openFiles().length === 0);
  });
});

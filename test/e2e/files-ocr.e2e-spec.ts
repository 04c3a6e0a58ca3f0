import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { FileObject } from '../../src/contracts/files.js';
import { StandInReader } from '../support/document-readers.js';
import { FilesBench } from '../support/files.js';
import type { ProductProcess } from '../support/product-process.js';
import { scannedPdf, type ScannedPage } from '../support/scans.js';
import { until } from '../support/until.js';

let standIn: StandInReader;
let bench: FilesBench;
let worker: ProductProcess;
let key: { readonly id: string; readonly secret: string };

beforeAll(async () => {
  standIn = await StandInReader.start('tika');
  bench = await FilesBench.start({ GT_DOCUMENT_READER_URL: standIn.url });
  key = await bench.key();
  worker = await bench.worker();
  await bench.dataset('english', 'acme', { ocr_languages: ['eng'] });
  await bench.dataset('german', 'acme', { ocr_languages: ['deu', 'eng'] });
});
afterAll(async () => {
  await bench.close();
  await standIn.close();
});

const upload = async (alias: string, pages: readonly ScannedPage[], on: FilesBench = bench, secret = key.secret) =>
  on.accepted(secret, `/datasets/${alias}/files`, { name: 'scan.pdf', bytes: Uint8Array.from(await scannedPdf(pages)) });
const passages = async (id: string, on: FilesBench = bench) =>
  (await on.chunks(id)).map((chunk) => ({
    text: chunk.text.replace(/\s+/g, ' ').trim(),
    source: (chunk as unknown as { source: object }).source,
  }));
const ended = ({ id }: FileObject): Promise<FileObject> => bench.ended(key.secret, id, 120_000);

describe('a scanned PDF in a dataset with text recognition', () => {
  it('is read here in the languages of its dataset, with its pages, and goes to no document reader', async () => {
    const pages = [{ text: 'A page with text of its own, long enough.' }, 'german', 'blank', 'english'] as const;
    const file = await ended(await upload('german', pages));
    expect([file.status, file.gt.error]).toEqual(['ready', null]);
    const [passage] = await passages(file.id);
    expect(passage?.text).toContain('A page with text of its own');
    expect(passage?.text).toContain('Die Kündigungsfrist beträgt drei Monate');
    expect(passage?.text).toContain('Its keeper was called Amos Tull.');
    expect(passage?.source).toMatchObject({ page: 1, pageEnd: 4 });
    expect(standIn.calls).toEqual([]);
    const { body } = await bench.call(key.secret, 'POST', '/datasets/german/search', { query: 'Kündigungsfrist' });
    expect(body.data[0]).toMatchObject({ file_id: file.id });
  });

  it('is read in other languages in another dataset', async () => {
    const file = await ended(await upload('english', ['english', 'german']));
    const [passage] = await passages(file.id);
    expect(passage?.text).toContain('Its keeper was called Amos Tull.');
    expect(passage?.text).not.toContain('Kündigungsfrist beträgt');
  });

  it('of a worker that is killed while it reads is read by another one', async () => {
    const file = await upload('english', ['english', 'english', 'english']);
    await until('a worker has it', async () => (await bench.file(key.secret, file.id)).gt.progress.stage === 'parse');
    await worker.kill();
    worker = await bench.worker();
    expect((await ended(file)).status).toBe('ready');
    expect((await passages(file.id)).map(({ text }) => text).join(' ')).toMatch(/(lighthouse of Port Ellery.*){3}/);
  });
});

describe('text recognition', () => {
  it('is refused in a language that is not installed, and in a name that is none', async () => {
    const set = async (languages: readonly string[]) => {
      const { body } = await bench.platform.app.admin('GET', '/datasets?tenant=acme&alias=english');
      const path = `/datasets/${body.data[0].id}`;
      return bench.platform.app.admin('PATCH', path, { tenant: 'acme', ocr_languages: languages });
    };
    const refused = await set(['eng', 'tlh']);
    expect([refused.status, refused.body.error.code, refused.body.error.param]).toEqual([400, 'invalid_value', 'ocr_languages']);
    expect(refused.body.error.message).toContain('tlh');
    for (const languages of [['../eng'], ['eng', 'eng'], ['English'], ['eng', 'deu', 'fra', 'ita', 'spa']])
      expect((await set(languages)).status).toBe(400);
  });

  it('that is switched on makes the files be read again that had no text', async () => {
    const other = await FilesBench.start();
    try {
      const { secret } = await other.key();
      await other.worker();
      const file = await upload('handbook', ['english'], other, secret);
      const before = await other.ended(secret, file.id, 60_000);
      expect(before.gt.error).toMatchObject({ code: 'no_text', message: expect.stringContaining('ocr_languages') });
      const { body } = await other.platform.app.admin('GET', '/datasets?tenant=acme');
      const path = `/datasets/${body.data[0].id}`;
      const changed = await other.platform.app.admin('PATCH', path, { tenant: 'acme', ocr_languages: ['eng'] });
      expect(changed).toMatchObject({ status: 200, body: { ocr_languages: ['eng'] } });
      await until('it is read', async () => (await other.file(secret, file.id)).status === 'ready', 120_000);
      expect((await passages(file.id, other))[0]?.text).toContain('Amos Tull');
    } finally {
      await other.close();
    }
  });

  it('whose data a worker does not have fails the file with a sentence, and the file can be processed again', async () => {
    await worker.stop();
    worker = await bench.worker({ GT_TESSERACT_DATA: '/nonexistent' });
    const file = await ended(await upload('english', ['english']));
    expect(file.gt.error?.code).toBe('ocr_unavailable');
    await worker.stop();
    worker = await bench.worker();
    await bench.call(key.secret, 'POST', `/files/${file.id}/reprocess`);
    await until('it is read', async () => (await bench.file(key.secret, file.id)).status === 'ready', 120_000);
  });
});

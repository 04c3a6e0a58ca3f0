import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { FileObject } from '../../src/contracts/files.js';
import { StandInReader } from '../support/document-readers.js';
import { pdfWith, pdfWithoutText } from '../support/documents.js';
import { FilesBench } from '../support/files.js';
import type { ProductProcess } from '../support/product-process.js';
import { until } from '../support/until.js';

const path = '/datasets/handbook/files';
const rtf = '{\\rtf1\\ansi The tram to Ostend costs nine francs.\\par}';

let standIn: StandInReader;
let bench: FilesBench;
let worker: ProductProcess;
let key: { readonly id: string; readonly secret: string };

beforeAll(async () => {
  standIn = await StandInReader.start('tika');
  bench = await FilesBench.start({ GT_DOCUMENT_READER_URL: standIn.url });
  key = await bench.key();
  worker = await bench.worker();
});
afterAll(async () => {
  await bench.close();
  await standIn.close();
});

const upload = (name: string, bytes: string | Uint8Array<ArrayBuffer>, secret = key.secret): Promise<FileObject> =>
  bench.accepted(secret, path, { name, bytes });
const scan = async (): Promise<Uint8Array<ArrayBuffer>> => Uint8Array.from(await pdfWithoutText());
const sources = async (id: string) => (await bench.chunks(id)).map((chunk) => (chunk as unknown as { source: object }).source);

describe('with a document reader', () => {
  it('types that the platform does not read are taken, read by the reader and found', async () => {
    standIn.pages = ['The tram to Ostend costs nine francs.'];
    const file = await upload('fares.rtf', rtf);
    const ended = await bench.ended(key.secret, file.id);
    expect([ended.status, ended.gt.error]).toEqual(['ready', null]);
    expect((await bench.chunks(file.id)).map(({ text }) => text.trim())).toEqual(['The tram to Ostend costs nine francs.']);
    const { body } = await bench.call(key.secret, 'GET', '/upload-targets');
    expect(body.data[0].media_types).toContain('*/*');
    const { body: admin } = await bench.platform.app.admin('GET', '/files?tenant=acme&filename=fares.rtf');
    expect(admin).toMatchObject({ data: [{ media_type: 'application/rtf' }] });
  });

  it('a scanned PDF is read by the reader, each passage with its page; a PDF with text never is', async () => {
    standIn.pages = ['Page one of a scan.', '', `Page three. ${'The keeper was Amos Tull. '.repeat(200)}`];
    const sent = standIn.calls.length;
    const [scanned, plain] = [await upload('scan.pdf', await scan()), await upload('text.pdf', await bytesOf(['Hello.']))];
    const ended = await Promise.all([scanned, plain].map(({ id }) => bench.ended(key.secret, id)));
    expect(ended.map(({ status }) => status)).toEqual(['ready', 'ready']);
    expect(standIn.calls).toHaveLength(sent + 1);
    const places = await sources(scanned.id);
    expect(places[0]).toMatchObject({ page: 1 });
    expect(places.at(-1)).toMatchObject({ page: 3 });
  });

  it('a reader that is away for a moment is asked again', async () => {
    standIn.pages = ['Read at last.'];
    standIn.scripts = [(response) => void response.writeHead(503).end(), (response) => void response.destroy()];
    const file = await upload('later.rtf', rtf);
    const ended = await bench.ended(key.secret, file.id, 60_000);
    expect([ended.status, ended.gt.attempts]).toEqual(['ready', 3]);
  });

  it('a reader that stays away fails the file with a sentence that tells nothing of it', async () => {
    standIn.scripts = Array.from({ length: 5 }, () => (response) => void response.writeHead(500).end('at 10.0.0.7'));
    const file = await upload('never.rtf', rtf);
    const ended = await bench.ended(key.secret, file.id, 120_000);
    expect(ended.gt.error).toEqual({
      code: 'reader_unavailable',
      message: 'The document reader of this platform did not answer. Process the file again later, or ask your administrator.',
    });
    expect(JSON.stringify(worker.lines)).not.toContain(standIn.url);
  });

  it('a refusal fails the file at once', async () => {
    standIn.scripts = [(response) => void response.writeHead(422).end()];
    const file = await upload('refused.rtf', rtf);
    const ended = await bench.ended(key.secret, file.id);
    expect([ended.gt.error?.code, ended.gt.attempts]).toEqual(['reader_failed', 1]);
  });

  it('operators see whether it answers', async () => {
    const { body: jobs } = await bench.platform.app.admin('GET', '/jobs');
    expect(jobs).toMatchObject({ document_reader: { kind: 'tika', answers: true } });
    const ready = (await (await fetch(`${bench.platform.app.url}/readyz`)).json()) as object;
    expect(ready).toMatchObject({ status: 'ok', checks: { document_reader: { ok: true } } });
  });

  it('a worker that is killed while the reader reads loses nothing', async () => {
    standIn.pages = ['Read by another worker.'];
    standIn.scripts = [() => undefined];
    const sent = standIn.calls.length;
    const file = await upload('killed.rtf', rtf);
    await until('the reader has the document', () => standIn.calls.length > sent);
    await worker.kill();
    worker = await bench.worker();
    const ended = await bench.ended(key.secret, file.id, 90_000);
    expect([ended.status, ended.gt.attempts]).toEqual(['ready', 2]);
    expect((await bench.chunks(file.id)).map(({ text }) => text.trim())).toEqual(['Read by another worker.']);
  });

  it("a tenant's many scans leave a place for another tenant's, and for its own plain files", async () => {
    await bench.otherTenant('globex');
    await bench.dataset('handbook', 'globex');
    const other = await bench.key({ tenant: 'globex' });
    standIn.pages = ['Some text.'];
    standIn.mostRunning = 0;
    const held: (() => void)[] = [];
    standIn.scripts = Array.from({ length: 2 }, () => (response) => {
      held.push(() => response.writeHead(200, { 'content-type': 'text/html' }).end('<body><p>Held.</p></body>'));
    });
    const scans = [];
    for (let at = 0; at < 5; at += 1) scans.push(await upload(`scan-${at}.rtf`, rtf));
    await until('the tenant has all places that it may have', () => held.length === 2);
    const [theirs, plain] = [await upload('other.rtf', rtf, other.secret), await upload('plain.txt', 'Plain text.')];
    expect((await bench.ended(other.secret, theirs.id)).status).toBe('ready');
    expect((await bench.ended(key.secret, plain.id)).status).toBe('ready');
    expect(held).toHaveLength(2);
    for (const release of held) release();
    const ended = await Promise.all(scans.map(({ id }) => bench.ended(key.secret, id, 60_000)));
    expect(ended.map(({ status }) => status)).toEqual(scans.map(() => 'ready'));
    expect(standIn.mostRunning).toBeLessThanOrEqual(3);
  });

  it('readiness is degraded, and never down, while it is away', async () => {
    await standIn.close();
    await until(
      'it is seen',
      async () => ((await (await fetch(`${bench.platform.app.url}/readyz`)).json()) as { status: string }).status === 'degraded',
      30_000,
    );
    expect((await fetch(`${bench.platform.app.url}/readyz`)).status).toBe(200);
  });
});

describe('without a document reader', () => {
  it('an unknown type is refused, and a scan says how it could be read', async () => {
    const other = await FilesBench.start();
    try {
      const { secret } = await other.key();
      await other.worker();
      expect((await other.upload(secret, path, { name: 'fares.rtf', bytes: rtf })).status).toBe(415);
      const file = await other.accepted(secret, path, { name: 'scan.pdf', bytes: await scan() });
      expect((await other.ended(secret, file.id)).gt.error?.code).toBe('no_text');
    } finally {
      await other.close();
    }
  });
});

async function bytesOf(lines: readonly string[]): Promise<Uint8Array<ArrayBuffer>> {
  return Uint8Array.from(await pdfWith([lines]));
}

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { FileObject } from '../../src/contracts/files.js';
import { docxWith, pdfWith, pdfWithoutText, pptxWith, xlsxWith } from '../support/documents.js';
import { FilesBench, type Content } from '../support/files.js';
import { protectedPdf } from '../support/protected-documents.js';
import type { ProductProcess } from '../support/product-process.js';
import { until } from '../support/until.js';

const path = '/datasets/handbook/files';
const text = 'The lighthouse of Port Ellery was painted green in 1887. Its keeper was called Amos Tull.\n'.repeat(3);

let bench: FilesBench;
let api: ProductProcess;
let worker: ProductProcess;
let key: { readonly id: string; readonly secret: string };

beforeAll(async () => {
  bench = await FilesBench.start();
  const { acme, factory } = bench.platform;
  const amounts = { input: 3_000_000 };
  await factory.run((tx) =>
    tx.tenantPrice.create({
      data: {
        tenantId: acme.id,
        id: 'tpr_1',
        connectionId: acme.connectionId,
        model: '*',
        validFrom: new Date(0),
        currency: 'USD',
        amounts,
      },
    }),
  );
  key = await bench.key();
});
afterAll(() => bench.close());

const upload = (content: Content): Promise<FileObject> => bench.accepted(key.secret, path, content);
const bytes = async (document: Promise<Buffer>): Promise<Uint8Array<ArrayBuffer>> => Uint8Array.from(await document);
const search = async (query: string): Promise<{ file_id: string; text: string; source: object }[]> =>
  (await bench.call(key.secret, 'POST', '/datasets/handbook/search', { query }, api)).body.data;

describe('a file uploaded into a dataset', () => {
  it('is queued, processed by a worker, ready, and found', async () => {
    const file = await upload({ name: 'lighthouse.txt', bytes: text });
    expect(file).toEqual({
      id: expect.stringMatching(/^file-[0-9A-Za-z]{24}$/),
      object: 'file',
      bytes: text.length,
      created_at: expect.any(Number),
      expires_at: null,
      filename: 'lighthouse.txt',
      purpose: 'assistants',
      status: 'queued',
      gt: {
        state: 'stored',
        progress: { stage: 'queue', percent: 0 },
        error: null,
        conversation_id: null,
        dataset_id: expect.stringMatching(/^ds_/),
        sha256: createHash('sha256').update(text).digest('hex'),
        attempts: 0,
      },
    });
    [worker, api] = await Promise.all([bench.worker(), bench.api()]);
    const ended = await bench.ended(key.secret, file.id);
    expect(ended).toEqual({
      ...file,
      status: 'ready',
      gt: { ...file.gt, state: 'ready', progress: { stage: 'done', percent: 100 }, attempts: 1 },
    });
    const chunks = await bench.chunks(file.id);
    expect(chunks.map(({ ordinal, attempt, embeddingModel }) => [ordinal, attempt, embeddingModel])).toEqual([
      [0, 1, 'sandbox-embed'],
    ]);
    expect(chunks[0]?.dimensions).toBe(256);
    const [found] = await search('Who was the keeper of the lighthouse?');
    expect(found).toMatchObject({
      object: 'passage',
      file_id: file.id,
      filename: 'lighthouse.txt',
      text: expect.stringContaining('Amos Tull'),
    });
  });

  it('is booked as a call of the key that uploaded it', async () => {
    const usage = await until('the call is booked', async () => {
      const { body } = await bench.call(key.secret, 'GET', '/usage');
      return (body.data as { route: string }[]).find(({ route }) => route === 'file.process');
    });
    expect(usage).toMatchObject({
      key: key.id,
      endpoint: 'main/sandbox-embed',
      status: 200,
      state: 'completed',
      source: 'upstream',
      stream: false,
    });
    const { input_tokens: tokens } = usage as unknown as { input_tokens: number };
    expect(tokens).toBeGreaterThan(20);
    expect(usage).toMatchObject({ charge: 3 * tokens, currency: 'USD' });
  });

  it('is read in every format, each passage with its place', async () => {
    const contents: Content[] = [
      { name: 'a.pdf', bytes: await bytes(pdfWith([['On the first page.'], ['The tram to Ostend costs nine francs.']])) },
      {
        name: 'b.docx',
        bytes: await bytes(docxWith([{ heading: 'Fares', paragraphs: ['The ferry to Calais costs seven pounds.'] }])),
      },
      {
        name: 'c.pptx',
        bytes: await bytes(pptxWith([{ title: 'Prices', lines: ['The balloon to Ghent costs five guilders.'] }])),
      },
      { name: 'd.xlsx', bytes: await bytes(xlsxWith({ Fares: [['Coach to Dover', 'eleven shillings']] })) },
      { name: 'e.html', bytes: '<html><body><h1>Fares</h1><p>The sledge to Narvik costs three crowns.</p></body></html>' },
      { name: 'f.md', bytes: '# Fares\n\nThe mule to Toledo costs two reals.\n' },
      { name: 'g.csv', bytes: 'way,price\ncamel to Petra,forty dinars\n' },
      { name: 'h.json', bytes: '{"rickshaw to Agra": "sixty rupees"}' },
    ];
    const files = await Promise.all(contents.map(upload));
    const ended = await Promise.all(files.map(({ id }) => bench.ended(key.secret, id)));
    expect(ended.map(({ filename, status, gt }) => [filename, status, gt.error])).toEqual(
      contents.map(({ name }) => [name, 'ready', null]),
    );
    const [inPdf] = await search('tram to Ostend');
    expect(inPdf).toMatchObject({ file_id: files[0]?.id, text: expect.stringContaining('nine francs') });
    expect((await bench.chunks(files[3]?.id ?? ''))[0]).toMatchObject({
      text: expect.stringContaining('eleven shillings'),
      source: { sheet: 'Fares' },
    });
  });

  it.each([
    ['empty', 'no_text', () => Promise.resolve({ name: 'empty.txt', bytes: '' })],
    ['without text', 'no_text', async () => ({ name: 'scan.pdf', bytes: await bytes(pdfWithoutText()) })],
    [
      'protected',
      'encrypted_pdf',
      async () => ({ name: 'locked.pdf', bytes: await bytes(protectedPdf(await pdfWith([['Secret.']]), 'pass')) }),
    ],
    [
      'truncated',
      'damaged_file',
      async () => ({ name: 'half.docx', bytes: (await bytes(docxWith([{ paragraphs: ['Half of it.'] }]))).slice(0, 2_000) }),
    ],
  ])('that is %s fails with a reason that a person understands, and leaves no passage', async (_what, code, content) => {
    const ended = await bench.ended(key.secret, (await upload((await content()) as Content)).id);
    expect(ended).toMatchObject({
      status: 'failed',
      gt: { state: 'failed', error: { code, message: expect.stringMatching(/^[A-Z].*\.$/) } },
    });
    expect(await bench.chunks(ended.id)).toEqual([]);
  });
});

describe('the embedding model', () => {
  it('that is busy for a moment is asked again', async () => {
    const ended = await bench.ended(
      key.secret,
      (await upload({ name: 'busy.txt', bytes: 'Wait a moment. [[refuse-once:files-pipeline]]' })).id,
    );
    expect([ended.status, ended.gt.attempts]).toEqual(['ready', 1]);
  });

  it('that refuses the text fails the file at once, and nothing of its own words is shown', async () => {
    const ended = await bench.ended(key.secret, (await upload({ name: 'refused.txt', bytes: 'No. [[status:400]]' })).id);
    expect(ended.gt).toMatchObject({ state: 'failed', attempts: 1, error: { code: 'embedding_failed' } });
    expect(ended.gt.error?.message).not.toMatch(/sandbox|org-|sk-|https?:/);
  });

  it('that does not let the connection in fails the file at once', async () => {
    const ended = await bench.ended(key.secret, (await upload({ name: 'locked-out.txt', bytes: 'No. [[status:401]]' })).id);
    expect(ended.gt).toMatchObject({ state: 'failed', attempts: 1, error: { code: 'embedding_failed' } });
  });
});

describe('a file that is processed again', () => {
  it('is queued at once, and its passages are replaced by those of the new attempt', async () => {
    const { id } = await upload({ name: 'again.txt', bytes: text });
    await bench.ended(key.secret, id);
    const before = await bench.chunks(id);
    const queued = await bench.call(key.secret, 'POST', `/files/${id}/reprocess`);
    expect([queued.status, queued.body.status, queued.body.gt.state]).toEqual([200, 'queued', 'stored']);
    const ended = await bench.ended(key.secret, id);
    expect(ended.gt.attempts).toBe(2);
    const after = await bench.chunks(id);
    expect(after).toEqual(before.map((chunk) => ({ ...chunk, attempt: 2 })));
  });

  it('is read with its hidden sheets once its dataset asks for them', async () => {
    const { id: dataset } = await bench.dataset('ledger');
    const other = await bench.key({ datasets: ['ledger'] });
    const book = await xlsxWith(
      { Shown: [['Ada']], Hidden: [['Quarterly loss']] },
      {
        'xl/workbook.xml': `<workbook xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="Shown" r:id="rId1"/><sheet name="Hidden" state="hidden" r:id="rId2"/></sheets></workbook>`,
      },
    );
    const { id } = await bench.accepted(other.secret, '/datasets/ledger/files', {
      name: 'book.xlsx',
      bytes: Uint8Array.from(book),
    });
    await bench.ended(other.secret, id);
    const texts = async (): Promise<string> => (await bench.chunks(id)).map((chunk) => chunk.text).join('');
    expect(await texts()).not.toContain('loss');
    const changed = await bench.platform.app.admin('PATCH', `/datasets/${dataset}`, { tenant: 'acme', hidden_sheets: true });
    expect(changed.status).toBe(200);
    await bench.eventually(async () => expect(await texts()).toContain('Quarterly loss'));
  });

  it('while it is processed starts anew: the run that had it writes nothing more', async () => {
    const { id } = await upload({ name: 'slow.txt', bytes: `Slowly. [[slow:1500]]` });
    await until('it is embedded', async () => (await bench.file(key.secret, id)).gt.state === 'chunked');
    const queued = await bench.call(key.secret, 'POST', `/files/${id}/reprocess`);
    expect(queued.body.status).toBe('queued');
    expect((await bench.ended(key.secret, id)).gt.attempts).toBe(2);
    expect(new Set((await bench.chunks(id)).map(({ attempt }) => attempt))).toEqual(new Set([2]));
  });
});

describe('a file that is deleted while it is processed', () => {
  it('ends its job, and its content goes', async () => {
    const { id } = await upload({ name: 'hanging.txt', bytes: 'Never answered. [[hang]]' });
    await until('it is embedded', async () => (await bench.file(key.secret, id)).gt.state === 'chunked');
    const aborted = async (): Promise<number> =>
      ((await (await fetch(`${bench.platform.sandbox.url}/sandbox/stats`)).json()) as { aborted: number }).aborted;
    const before = await aborted();
    expect((await bench.call(key.secret, 'DELETE', `${path}/${id}`)).status).toBe(200);
    expect(contents()).not.toContain(id);
    await until('the job has ended', () =>
      worker.lines.find(({ job_id, msg }) => job_id === `${id}-1` && msg === 'job finished'),
    );
    expect(await aborted()).toBe(before + 1);
    expect(await bench.chunks(id)).toEqual([]);
  });
});

describe('one bad file', () => {
  it('delays no other', async () => {
    const hanging = await upload({ name: 'hanging.txt', bytes: 'Never answered. [[hang]]' });
    const others = await Promise.all(
      ['1', '2', '3'].map((name) => upload({ name: `${name}.txt`, bytes: `Good words ${name}.` })),
    );
    for (const { id } of others) expect((await bench.ended(key.secret, id)).status).toBe('ready');
    expect((await bench.file(key.secret, hanging.id)).status).toBe('processing');
    await bench.call(key.secret, 'DELETE', `${path}/${hanging.id}`);
  });
});

describe('files of a conversation', () => {
  it("are embedded by the model of the conversation's agent", async () => {
    const file = await bench.accepted(key.secret, '/conversations/files', {
      name: 'note.txt',
      bytes: 'A note for this talk alone.',
    });
    expect((await bench.ended(key.secret, file.id)).status).toBe('ready');
    expect((await bench.chunks(file.id)).map(({ embeddingModel }) => embeddingModel)).toEqual(['sandbox-embed']);
  });

  it('go without vectors where no agent embeds', async () => {
    const plain = await bench.otherTenant('plain');
    await bench.platform.factory.run((tx) => tx.endpoint.deleteMany({ where: { tenantId: plain.id } }));
    const other = await bench.key({ tenant: 'plain' });
    const file = await bench.accepted(other.secret, '/conversations/files', { name: 'note.txt', bytes: 'Words are enough.' });
    expect((await bench.ended(other.secret, file.id)).status).toBe('ready');
    expect((await bench.chunks(file.id)).map(({ embeddingModel, dimensions }) => [embeddingModel, dimensions])).toEqual([
      [null, undefined],
    ]);
  });
});

describe('a tenant with many files', () => {
  it('does not hold up a tenant with one', async () => {
    await worker.stop();
    await bench.otherTenant('small');
    await bench.dataset('handbook', 'small');
    const small = await bench.key({ tenant: 'small' });
    const many = await Promise.all(
      Array.from({ length: 40 }, (_none, at) => upload({ name: `${at}.txt`, bytes: `One of many, number ${at}. [[slow:100]]` })),
    );
    const one = await bench.accepted(small.secret, path, { name: 'one.txt', bytes: 'The only one.' });
    worker = await bench.worker();
    await bench.ended(small.secret, one.id);
    for (const { id } of many) expect((await bench.ended(key.secret, id, 60_000)).status).toBe('ready');
    // Nothing touches an ingestion once it is ready.
    const inTurn = await bench.platform.factory.run((tx) =>
      tx.ingestion.findMany({ where: { fileId: { in: [one.id, ...many.map(({ id }) => id)] } }, orderBy: { updatedAt: 'asc' } }),
    );
    expect(inTurn.findIndex(({ fileId }) => fileId === one.id)).toBeLessThan(12);
  });
});

/** Names of the contents that lie in the store. */
function contents(): string[] {
  const folder = join(bench.dataDir, 'files');
  return existsSync(folder)
    ? readdirSync(folder, { recursive: true, withFileTypes: true }).flatMap((entry) => (entry.isFile() ? [entry.name] : []))
    : [];
}

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createHash, randomBytes } from 'node:crypto';
import { truncate } from 'node:fs/promises';
import { loadConfig } from '../../src/config/load-config.js';
import { DocumentReader } from '../../src/platform/document-reader/document-reader.js';
import { ReaderUnavailableError } from '../../src/platform/document-reader/reader-error.js';
import { DocumentFailure } from '../../src/platform/documents/document-failure.js';
import type { Section } from '../../src/platform/documents/section.js';
import { StandInReader, type ReaderScript } from '../support/document-readers.js';
import { DocumentReading } from '../support/document-reading.js';

const kinds = ['tika', 'docling'] as const;
const types = { tika: 'text/html', docling: 'application/json' };

let reading: DocumentReading;
let standIn: StandInReader;
const open: DocumentReader[] = [];
let replies = 0;

beforeAll(async () => {
  reading = await DocumentReading.prepare();
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((reader) => reader.onApplicationShutdown()));
  await standIn.close();
});

function readerOf(settings: Readonly<Record<string, string>> = {}): DocumentReader {
  const reader = new DocumentReader(
    loadConfig({
      DATABASE_URL: 'postgresql://nowhere/gt',
      GT_SECRET_KEYS: `k1:${Buffer.alloc(32).toString('base64')}`,
      GT_DOCUMENT_READER_URL: standIn.url,
      GT_DOCUMENT_READER_KIND: standIn.kind,
      GT_SHUTDOWN_GRACE_MS: '0',
      ...settings,
    }),
  );
  open.push(reader);
  return reader;
}

const replyPath = (): string => `${reading.folder}/reply-${(replies += 1)}`;

async function sectionsOf(reader: DocumentReader, path: string, filename: string): Promise<Section[]> {
  const reply = replyPath();
  const form = await reader.read(path, filename, reply, new AbortController().signal);
  const sections: Section[] = [];
  for await (const section of reading.parser().parse(reply, form)) sections.push(section);
  return sections;
}

/** What becomes of a document: the code of its failure, `away` for what may pass. */
async function outcome(script: ReaderScript, settings: Readonly<Record<string, string>> = {}): Promise<string> {
  standIn.scripts = [script];
  const path = await reading.save('one.bin', 'A document.');
  const error: unknown = await sectionsOf(readerOf(settings), path, 'one.bin').then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof ReaderUnavailableError) {
    expect(`${error.message} ${error.why}`).not.toContain(String(standIn.port));
    return 'away';
  }
  return error instanceof DocumentFailure ? error.code : `${String(error)}`;
}

describe.each(kinds)('a %s server', (kind) => {
  beforeEach(async () => {
    standIn = await StandInReader.start(kind);
  });
  const answer =
    (status: number, headers: Record<string, string> = {}, body = ''): ReaderScript =>
    (response) =>
      void response.writeHead(status, { 'content-type': types[kind], ...headers }).end(body);

  it('is sent the bytes of the document and nothing that tells whose it is; its pages keep their numbers', async () => {
    standIn.pages = ['The first page ends with a hyphen-\nated word.', '', 'The third page.'];
    const content = randomBytes(300_000);
    const path = await reading.save('secret-name.rtf', content);
    const reader = readerOf({ GT_DOCUMENT_READER_TOKEN: 'a-token' });
    const sections = await sectionsOf(reader, path, 'Salaries of Ada "Lovelace"\r\n.RTF');
    const shown = sections.filter(({ text }) => text.trim() !== '').map(({ text, source }) => [text.trim(), source]);
    expect(shown).toEqual([
      [expect.stringContaining('hyphenated'), { page: 1 }],
      ['The third page.', { page: 3 }],
    ]);
    const [call] = standIn.calls;
    expect(call).toMatchObject({
      filename: 'document.rtf',
      bytes: content.length,
      sha256: createHash('sha256').update(content).digest('hex'),
      headers: kind === 'tika' ? { authorization: 'Bearer a-token' } : { 'x-api-key': 'a-token' },
    });
    expect(JSON.stringify(call)).not.toMatch(/Salaries|Ada|secret-name/);
  });

  it.each([
    ['503', answer(503)],
    ['500', answer(500)],
    ['401', answer(401)],
    ['404', answer(404)],
    ['429', answer(429)],
    ['a redirect', answer(302, { location: 'http://127.0.0.1:1/' })],
    ['another media type', answer(200, { 'content-type': 'text/plain' }, 'Log in first.')],
    ['no media type', (response) => void response.writeHead(200).end('<p>')],
    ['an encoding', answer(200, { 'content-encoding': 'gzip' }, 'x')],
    ['a connection that breaks', (response) => void response.destroy()],
    [
      'half an answer',
      (response) => {
        response.writeHead(200, { 'content-type': types[kind], 'content-length': '1000' }).write('<p>half');
        setImmediate(() => response.destroy());
      },
    ],
  ] satisfies [string, ReaderScript][])('that answers %s is away for now', async (_name, script) => {
    expect(await outcome(script)).toBe('away');
    expect(standIn.calls).toHaveLength(1);
  });

  it.each([413, 415, 422])('that answers %i has refused the document for good', async (status) => {
    expect(await outcome(answer(status))).toBe('reader_failed');
  });

  it('that answers 204 has found no text', async () => {
    expect(await outcome(answer(204))).toBe('no_text');
  });

  it.each([
    ['does not answer', () => undefined],
    [
      'never ends its answer',
      (response) => {
        response.writeHead(200, { 'content-type': types[kind] });
        const drip = setInterval(() => response.write(' '), 50);
        response.once('close', () => clearInterval(drip));
      },
    ],
  ] satisfies [string, ReaderScript][])('that %s is given up when the time is over', async (_name, script) => {
    expect(await outcome(script, { GT_DOCUMENT_READER_MS: '1000' })).toBe('away');
  });

  it('that answers without end is cut off, and its answer is never in memory', async () => {
    const before = process.memoryUsage.rss();
    let sent = 0;
    const endless: ReaderScript = (response) => {
      response.writeHead(200, { 'content-type': types[kind] });
      const piece = Buffer.alloc(1024 * 1024, ' ');
      const more = (): void => {
        while (!response.destroyed && sent < 1024 * 1024 * 1024) {
          sent += piece.length;
          if (!response.write(piece)) return void response.once('drain', more);
        }
      };
      more();
    };
    expect(await outcome(endless)).toBe('reader_failed');
    expect(sent).toBeLessThan(200 * 1024 * 1024);
    expect(process.memoryUsage.rss() - before).toBeLessThan(100 * 1024 * 1024);
  });

  it('is not sent what is larger than the limit, and what is sent passes through without being in memory', async () => {
    const path = await reading.save('large.bin', 'x');
    await truncate(path, 300 * 1024 * 1024);
    await expect(sectionsOf(readerOf(), path, 'large.bin')).rejects.toMatchObject({ code: 'reader_too_large' });
    expect(standIn.calls).toEqual([]);
    const before = process.memoryUsage.rss();
    await sectionsOf(readerOf({ GT_DOCUMENT_READER_MAX_BYTES: String(2 ** 30) }), path, 'large.bin');
    expect(standIn.calls[0]?.bytes).toBe(300 * 1024 * 1024);
    expect(process.memoryUsage.rss() - before).toBeLessThan(150 * 1024 * 1024);
  });

  it('is let go when the reading is wanted no more', async () => {
    const gone = new AbortController();
    standIn.scripts = [() => gone.abort(new Error('deleted'))];
    const path = await reading.save('one.bin', 'A document.');
    await expect(readerOf().read(path, 'one.bin', replyPath(), gone.signal)).rejects.toThrow('deleted');
  });

  it('says whether it answers', async () => {
    const reader = readerOf();
    expect(await reader.answers()).toBe(true);
    expect(await readerOf({ GT_DOCUMENT_READER_URL: `${standIn.url}/elsewhere` }).answers()).toBe(false);
    await standIn.close();
    expect(await reader.answers()).toBe(false);
  });

  it('cannot send the document on to another address', async () => {
    const other = await StandInReader.start(kind);
    expect(await outcome(answer(307, { location: `${other.url}${kind === 'tika' ? '/tika' : '/v1/convert/file'}` }))).toBe(
      'away',
    );
    expect(other.calls).toEqual([]);
    await other.close();
  });
});

describe('an answer of Docling', () => {
  beforeEach(async () => {
    standIn = await StandInReader.start('docling');
  });
  afterAll(() => standIn.close());

  const say =
    (body: unknown): ReaderScript =>
    (response) =>
      void response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));

  it('asks for Markdown by pages and for no pictures', async () => {
    await sectionsOf(readerOf(), await reading.save('one.bin', 'A document.'), 'one.bin');
    expect(standIn.calls[0]?.fields).toEqual([
      ['to_formats', 'md'],
      ['to_formats', 'json'],
      ['image_export_mode', 'placeholder'],
      ['include_images', 'false'],
      ['md_page_break_placeholder', '<!-- gt:page-break -->'],
      ['files', 'application/octet-stream'],
    ]);
  });

  it.each([
    ['a failure', { status: 'failure', document: { md_content: null }, errors: [{ error_message: 'at http://10.0.0.1' }] }],
    ['no document', { task_id: 'x' }],
    ['no JSON', undefined],
  ])('that is %s fails the file', async (_name, body) => {
    expect(await outcome(say(body))).toBe('reader_failed');
  });

  it('without text holds no text', async () => {
    expect(await outcome(say({ status: 'success', document: { md_content: '<!-- image -->' } }))).toBe('no_text');
  });

  it('has no page numbers where its pages do not agree with its marks', async () => {
    standIn.scripts = [say({ status: 'partial_success', document: { md_content: '# Title\n\nOne text of all pages.' } })];
    const sections = await sectionsOf(readerOf(), await reading.save('one.bin', 'A document.'), 'one.bin');
    expect(sections).toEqual([{ text: '# Title\n\nOne text of all pages.\n\n', source: { heading: 'Title' } }]);
  });
});

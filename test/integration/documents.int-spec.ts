import { beforeAll, describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DocumentFailure } from '../../src/platform/documents/document-failure.js';
import { DocumentParser, type DocumentParserOptions, type ParseCall } from '../../src/platform/documents/document-parser.js';
import { sniffMediaType, type MediaType } from '../../src/platform/documents/media-types.js';
import { defaultParseLimits } from '../../src/platform/documents/parse-limits.js';
import type { Section } from '../../src/platform/documents/section.js';
import { compileSource } from '../support/compile-source.js';
import {
  docxWith,
  guidedText,
  japanesePdf,
  pdfWith,
  pdfWithoutText,
  pptxWith,
  repeatedSlide,
  writeLyingZipBomb,
  writeZipBomb,
  xlsxWith,
  zipWith,
} from '../support/documents.js';
import { oldWordDocument, protectedOfficeDocument, protectedPdf } from '../support/protected-documents.js';
import { until } from '../support/until.js';

const failingParser = fileURLToPath(new URL('../fixtures/failing-parser.mjs', import.meta.url));
const rightToLeftPdf = fileURLToPath(new URL('../fixtures/right-to-left.pdf', import.meta.url));
const docx = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document';

let folder: string;
let compiled: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gt-documents-'));
  compiled = join(folder, 'compiled');
  await compileSource(compiled, ['platform/documents', 'platform/documents/parsers']);
});

/** The program that the product starts, made from the sources of this test's own run. */
const childFile = (): string => join(compiled, 'platform/documents/child.js');

const parser = (options: Partial<DocumentParserOptions> = {}): DocumentParser => new DocumentParser({ childFile: childFile(), ...options });

async function save(name: string, content: Buffer | string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

async function sectionsOf(path: string, mediaType: MediaType, options: Partial<DocumentParserOptions> = {}, call: ParseCall = {}): Promise<Section[]> {
  const sections: Section[] = [];
  for await (const section of parser(options).parse(path, mediaType, call)) sections.push(section);
  return sections;
}

/** Stores, judges and reads a document as the platform does. */
async function read(name: string, content: Buffer | string, options: Partial<DocumentParserOptions> = {}): Promise<Section[]> {
  const sniffed = await sniffMediaType(Buffer.from(content).subarray(0, 65_536), name);
  if ('refused' in sniffed) throw new Error(sniffed.refused);
  return sectionsOf(await save(name, content), sniffed.mediaType, options);
}

/** The code with which reading fails; the test fails when it does not. */
async function failure(reading: Promise<unknown>): Promise<string> {
  const error: unknown = await reading.then(
    () => new Error('The document was read.'),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof DocumentFailure)) throw error;
  return error.code;
}

const textOf = (sections: readonly Section[]): string => sections.map(({ text }) => text).join('');

describe('PDF', () => {
  it('gives every page its own section', async () => {
    const sections = await read('two.pdf', await pdfWith([['The first page.', 'Its second line.'], ['The second page.']]));
    expect(sections).toEqual([
      { text: 'The first page.\nIts second line.\n\n', source: { page: 1 } },
      { text: 'The second page.\n\n', source: { page: 2 } },
    ]);
  });

  it('reads 300 pages in order and tells how far it is', async () => {
    const pages = Array.from({ length: 300 }, (_, index) => [`This is page ${index + 1}.`]);
    const path = await save('long.pdf', await pdfWith(pages));
    const percents: number[] = [];
    const sections = await sectionsOf(path, 'application/pdf', {}, { onProgress: (percent) => percents.push(percent) });
    expect(sections.map(({ source }) => source.page)).toEqual(pages.map((_, index) => index + 1));
    expect(sections.at(-1)?.text).toBe('This is page 300.\n\n');
    expect(percents).toEqual([...new Set(percents)].sort((a, b) => a - b));
    expect(percents.at(-1)).toBe(100);
  });

  it('puts Hebrew and Arabic of a browser in reading order, with numbers and English inside', async () => {
    const text = textOf(await sectionsOf(rightToLeftPdf, 'application/pdf'));
    expect(text).toContain('שלום עולם, זהו מסמך בעברית עם מספר 42 ומילה English באמצע.\n');
    expect(text).toContain('مرحبا بالعالم، هذه وثيقة باللغة العربية والرقم 42.\n');
    expect(text).toContain('ובזכויותיהם. כולם חוננו בתבונה ובמצפון,\n');
    expect(text).toContain('English first paragraph with 123 numbers.\n');
  });

  it('reads Japanese whose font is not embedded', async () => {
    expect(textOf(await read('japanese.pdf', await japanesePdf('吾輩は猫である。名前はまだ無い。')))).toBe('吾輩は猫である。名前はまだ無い。\n\n');
  });

  it('says that a PDF needs a password', async () => {
    const locked = await protectedPdf(await pdfWith([['Secret.']]), 'a password');
    expect(await failure(read('locked.pdf', locked))).toBe('encrypted_pdf');
  });

  it('reads a PDF that only forbids changes', async () => {
    const readOnly = await protectedPdf(await pdfWith([['Not so secret.']]), '');
    expect(textOf(await read('read-only.pdf', readOnly))).toBe('Not so secret.\n\n');
  });

  it('says that a scan has no text', async () => {
    expect(await failure(read('scan.pdf', await pdfWithoutText()))).toBe('no_text');
  });

  it('says that half a PDF is damaged', async () => {
    const path = await save('half.pdf', await pdfWith(Array.from({ length: 20 }, () => ['A page.'])));
    await truncate(path, 2_000);
    expect(await failure(sectionsOf(path, 'application/pdf'))).toBe('damaged_file');
  });
});

describe('DOCX', () => {
  it('keeps headings as sources, and tables as rows', async () => {
    const sections = await read(
      'guide.docx',
      await docxWith([
        { heading: 'Guide', paragraphs: ['Read me first.'] },
        { heading: 'Prices', level: 2, table: [['Item', 'Price'], ['Tea_cup', '2 €']] },
      ]),
    );
    expect(sections.map(({ source }) => source.heading)).toEqual(['Guide', 'Guide > Prices']);
    expect(sections[0]?.text).toContain('Read me first.');
    expect(sections[1]?.text).toContain('| Tea_cup | 2 € |');
  });

  it('keeps right-to-left and CJK text as it was written', async () => {
    const paragraphs = ['שלום עולם (2026)', 'مرحبا بالعالم', '東京都の天気は晴れ。', '서울의 날씨', '𠮷野家 👩‍👩‍👧‍👦'];
    const text = textOf(await read('world.docx', await docxWith([{ paragraphs, isRightToLeft: true }])));
    for (const paragraph of paragraphs) expect(text).toContain(paragraph);
  });

  it('says that a document needs a password', async () => {
    const locked = protectedOfficeDocument(await docxWith([{ paragraphs: ['Secret.'] }]));
    expect(await failure(read('locked.docx', locked))).toBe('encrypted_document');
  });

  it('says that a document of old Word under a new name is of another type', async () => {
    expect(await failure(read('old.docx', oldWordDocument()))).toBe('unsupported_type');
  });

  it('says that a document without a word has no text', async () => {
    expect(await failure(read('empty.docx', await docxWith([])))).toBe('no_text');
  });

  it('says that half a document is damaged', async () => {
    const whole = await docxWith([{ paragraphs: ['A paragraph.'] }]);
    expect(await failure(read('half.docx', whole.subarray(0, whole.length / 2)))).toBe('damaged_file');
  });
});

describe('PPTX', () => {
  it('gives every slide with its title, table and notes', async () => {
    const sections = await read(
      'show.pptx',
      await pptxWith([
        { title: 'Results', lines: ['Sales grew by 12 %.'], table: [['Region', 'Sales'], ['North', '7']], notes: 'Mention the new shop.' },
        { lines: ['مرحبا', '你好'] },
      ]),
    );
    expect(sections.map(({ source }) => source)).toEqual([{ slide: 1, heading: 'Results' }, { slide: 2 }]);
    expect(sections[0]?.text).toBe('Results\nSales grew by 12 %.\nRegion | Sales\nNorth | 7\n\nMention the new shop.\n\n');
    expect(sections[1]?.text).toBe('مرحبا\n你好\n\n');
  });
});

describe('XLSX', () => {
  it('gives rows as lines with the names of their columns, sheet after sheet', async () => {
    const sections = await read(
      'book.xlsx',
      await xlsxWith({
        'People & dates': [
          ['Name', 'Born', 'Share'],
          ['Ada', { number: 5_000.75, style: 3 }, { number: 0.125, style: 2 }],
          ['Grace', { number: 45_000, style: 1 }, { number: 0.30000000000000004 }],
        ],
        Numbers: [[{ number: 1 }, '', { number: 2.5 }]],
      }),
    );
    expect(sections).toEqual([
      {
        source: { sheet: 'People & dates' },
        text: 'Name | Born | Share\nName: Ada | Born: 1913-09-08 18:00 | Share: 12.5%\nName: Grace | Born: 2023-03-15 | Share: 0.3\n',
      },
      { source: { sheet: 'Numbers' }, text: 'A: 1 | C: 2.5\n' },
    ]);
  });

  it('leaves the phonetic guides of Japanese cells out', async () => {
    expect(textOf(await read('guided.xlsx', await xlsxWith({ 表: [[guidedText('東京', 'トウキョウ')]] })))).toBe('東京\n');
  });

  it('keeps a sheet of 50,000 rows in a small memory', async () => {
    const rows = Array.from({ length: 50_000 }, (_, index) => [{ number: index }, `Row ${index}`, { number: index / 4 }]);
    const sections = await read('rows.xlsx', await xlsxWith({ Rows: rows }), { heapMegabytes: 64, maxResidentBytes: 256 * 1024 * 1024 });
    expect(textOf(sections).split('\n')).toHaveLength(50_001);
    expect(sections.length).toBeGreaterThan(10);
  });
});

describe('text formats', () => {
  it('keeps the headings of HTML as sources and leaves scripts out', async () => {
    const page = '<title>Shop</title><script>alert(1)</script><h1>Tea</h1><p>We &amp; you.<h2>Green</h2><ul><li>Sencha<li>Matcha</ul>';
    const sections = await read('page.html', page);
    expect(sections.map(({ source }) => source.heading)).toEqual(['Shop', 'Tea', 'Tea > Green']);
    expect(textOf(sections)).not.toContain('alert');
    expect(textOf(sections)).toContain('We & you.');
  });

  it('keeps the headings of Markdown as sources and every character', async () => {
    const text = '# One\n\nFirst.\n\n```\n# no heading\n```\n\n## Two\n\nSecond.\n';
    const sections = await read('notes.md', text);
    expect(sections.map(({ source }) => source.heading)).toEqual(['One', 'One > Two']);
    expect(textOf(sections)).toBe(text);
  });

  it('gives the rows of CSV with the names of their columns', async () => {
    expect(textOf(await read('a.csv', 'Name;Town\n"Ada; L.";"Lon\ndon"\nGrace;\n'))).toBe('Name | Town\nName: Ada; L. | Town: Lon don\nName: Grace\n');
  });

  it('gives the values of JSON with their paths and all their digits', async () => {
    const json = '{"users":[{"name":"Ada","id":12345678901234567890}],"odd key":null,"none":[]}';
    expect(textOf(await read('a.json', json))).toBe('users[0].name: Ada\nusers[0].id: 12345678901234567890\n["odd key"]: null\nnone: []\n');
  });

  it('says that broken JSON is damaged and that an empty file has no text', async () => {
    expect(await failure(read('half.json', '{"users":[{"name":'))).toBe('damaged_file');
    expect(await failure(read('empty.txt', ''))).toBe('no_text');
    expect(await failure(read('blank.csv', ' \n\n'))).toBe('no_text');
  });

  it('gives 5 MB of text in small pieces whose characters are whole', async () => {
    const text = 'Ein 𠮷 und ein 👍.\n'.repeat(260_000);
    const sections = await read('long.txt', text);
    expect(Math.max(...sections.map((section) => section.text.length))).toBeLessThanOrEqual(65_536);
    expect(textOf(sections) === text).toBe(true);
  });
});

describe('content that is not what the name says', () => {
  it('reads what is there: a PDF named .txt, a spreadsheet named .docx', async () => {
    expect(textOf(await read('a.txt', await pdfWith([['I am a PDF.']])))).toContain('I am a PDF.');
    expect(textOf(await read('b.docx', await xlsxWith({ Sheet: [['I am a spreadsheet.']] })))).toContain('I am a spreadsheet.');
  });

  it('fails for bytes that became another type after the upload', async () => {
    const path = await save('noise.txt', Buffer.from([0, 1, 2, 3, 0, 255, 254, 7]));
    expect(await failure(sectionsOf(path, 'text/plain'))).toBe('unsupported_type');
    expect(await failure(sectionsOf(path, 'application/pdf'))).toBe('damaged_file');
    expect(await failure(sectionsOf(path, docx))).toBe('damaged_file');
  });

  it('fails for an archive that is no office document', async () => {
    const path = await save('other.zip', await zipWith({ 'readme.txt': 'Hello.' }));
    expect(await failure(sectionsOf(path, docx))).toBe('unsupported_type');
  });
});

describe('bombs', () => {
  const small = { ...defaultParseLimits, ratioFromBytes: 1024 * 1024 };

  it('refuses 300 MB of nothing by its ratio, before unpacking it', async () => {
    const path = join(folder, 'bomb.docx');
    await writeZipBomb(path, 300 * 1024 * 1024);
    expect(await failure(sectionsOf(path, docx, { limits: small }))).toBe('compression_ratio');
  });

  it('refuses by the unpacked size', async () => {
    const path = join(folder, 'large.docx');
    await writeZipBomb(path, 300 * 1024 * 1024);
    const limits = { ...small, maxRatio: 10_000, maxUncompressedBytes: 64 * 1024 * 1024 };
    expect(await failure(sectionsOf(path, docx, { limits }))).toBe('too_large_uncompressed');
  });

  it('is not fooled by a directory that calls the bomb small', async () => {
    const path = join(folder, 'liar.docx');
    await writeLyingZipBomb(path, 200 * 1024 * 1024);
    expect(await failure(sectionsOf(path, docx, { limits: small, maxResidentBytes: 200 * 1024 * 1024 }))).toBe('damaged_file');
  });

  it('counts what is unpacked again and again', async () => {
    const limits = { ...small, maxUncompressedBytes: 20_000_000 };
    expect(textOf(await read('few.pptx', await repeatedSlide(5, 1_000_000), { limits }))).toBe('Again.\n\n'.repeat(5));
    expect(await failure(read('again.pptx', await repeatedSlide(100, 1_000_000), { limits }))).toBe('too_large_uncompressed');
  });

  it('refuses too many entries', async () => {
    const entries = Object.fromEntries(Array.from({ length: 101 }, (_, index) => [`word/part${index}.xml`, '<a/>']));
    const limits = { ...small, maxEntries: 100 };
    expect(await failure(read('many.docx', await zipWith(entries), { limits }))).toBe('too_many_entries');
  });

  it('expands no entities', async () => {
    const lines = Array.from({ length: 9 }, (_, index) => `<!ENTITY a${index + 1} "${`&a${index};`.repeat(10)}">`);
    const sheet = `<!DOCTYPE x [<!ENTITY a0 "ha">${lines.join('')}]><worksheet><sheetData><row><c t="str"><v>It says &a9;</v></c></row></sheetData></worksheet>`;
    const book = await xlsxWith({ Sheet: [[{ xml: '' }]] });
    const path = await save('laughs.xlsx', await replaceEntry(book, 'xl/worksheets/sheet1.xml', sheet));
    expect(textOf(await sectionsOf(path, docx))).toBe('It says &a9;\n');
  });

  it('stops a document whose text grows beyond the limit', async () => {
    const path = await save('much.txt', 'word '.repeat(100_000));
    expect(await failure(sectionsOf(path, 'text/plain', { limits: { ...small, maxTextLength: 200_000 } }))).toBe('too_large_uncompressed');
  });
});

async function replaceEntry(archive: Buffer, name: string, content: string): Promise<Buffer> {
  const { fromBufferPromise } = await import('yauzl');
  const entries: Record<string, Buffer | string> = {};
  const file = await fromBufferPromise(archive, { lazyEntries: true });
  for await (const entry of file.eachEntry()) {
    const parts: Buffer[] = [];
    for await (const part of await file.openReadStreamPromise(entry)) parts.push(part as Buffer);
    entries[entry.fileName] = entry.fileName === name ? content : Buffer.concat(parts);
  }
  return zipWith(entries);
}

describe('a parser that fails', () => {
  const failing = async (how: string, options: Partial<DocumentParserOptions> = {}): Promise<Section[]> =>
    sectionsOf(await save(how, ''), 'text/plain', { childFile: failingParser, ...options });

  it.each(['abort', 'segfault', 'exit-code', 'half-way', 'garbage', 'endless-line'])('fails its document alone: %s', async (how) => {
    expect(await failure(failing(how))).toBe('parser_crashed');
  });

  it('is stopped when it takes too long', async () => {
    expect(await failure(failing('endless', { timeoutMs: 300 }))).toBe('parse_timeout');
  });

  it('is stopped when it takes too much memory, inside or outside of the heap', async () => {
    expect(await failure(failing('buffers', { maxResidentBytes: 300 * 1024 * 1024 }))).toBe('parse_memory');
    expect(await failure(failing('heap', { heapMegabytes: 32 }))).toBe('parse_memory');
  });

  it('is stopped when it writes without end', async () => {
    expect(await failure(failing('flood', { limits: { ...defaultParseLimits, maxTextLength: 1_000_000 } }))).toBe('too_large_uncompressed');
  });

  it('knows nothing of the environment', async () => {
    const [section] = await failing('environment');
    expect(JSON.parse(section?.text ?? '')).toEqual({ environment: {}, folder: '/' });
  });
});

describe('limits on real documents', () => {
  it('stops a page that takes too long', async () => {
    const path = await save('slow.html', '<div>'.repeat(400_000));
    expect(await failure(sectionsOf(path, 'text/html', { timeoutMs: 1_000, heapMegabytes: 2_048, maxResidentBytes: 4e9 }))).toBe('parse_timeout');
  });

  it('stops a page that needs too much memory', async () => {
    const path = await save('heavy.html', '<p>text</p>'.repeat(400_000));
    expect(await failure(sectionsOf(path, 'text/html', { heapMegabytes: 48 }))).toBe('parse_memory');
  });

  it('does not count the time for which its reader keeps it waiting', async () => {
    const path = await save('patient.txt', 'A line of text.\n'.repeat(100_000));
    let length = 0;
    for await (const { text } of parser({ timeoutMs: 3_000 }).parse(path, 'text/plain')) {
      if (length === 0) await waitAtLeast(3_200);
      length += text.length;
    }
    expect(length).toBe(1_600_000);
  });

  it('reads the next document as if nothing had happened', async () => {
    const bomb = await save('segfault', '');
    const reads = [sectionsOf(bomb, 'text/plain', { childFile: failingParser }), read('good.txt', 'All is well.')];
    const [bad, good] = await Promise.allSettled(reads);
    expect(bad?.status).toBe('rejected');
    expect(good).toEqual({ status: 'fulfilled', value: [{ text: 'All is well.', source: {} }] });
  });
});

/** Passes real time: what is tested here is a clock that must stand still. */
function waitAtLeast(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

describe('the life of a child', () => {
  it('ends with the abort, whose reason is thrown', async () => {
    const stop = new AbortController();
    const path = await save('endless', '');
    const reading = sectionsOf(path, 'text/plain', { childFile: failingParser }, { signal: stop.signal });
    await until('the child runs', async () => (await childrenReading(path)).length === 1);
    stop.abort(new Error('The file was deleted.'));
    await expect(reading).rejects.toThrow('The file was deleted.');
    expect(await childrenReading(path)).toEqual([]);
  });

  it('ends when the loop over its sections is left', async () => {
    const path = await save('left.txt', 'A line of text.\n'.repeat(500_000));
    for await (const section of parser().parse(path, 'text/plain')) {
      expect(section.text).not.toBe('');
      break;
    }
    expect(await childrenReading(path)).toEqual([]);
  });

  it('ends with a worker that is killed, even in the middle of its work', async () => {
    const path = await save('orphan.html', '<div>'.repeat(400_000));
    const program = `import { DocumentParser } from ${JSON.stringify(join(compiled, 'platform/documents/document-parser.js'))};
      for await (const section of new DocumentParser({ heapMegabytes: 2048, maxResidentBytes: 4e9 }).parse(${JSON.stringify(path)}, 'text/html'));`;
    const worker = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: 'ignore' });
    const [pid] = await until('the child is at work', async () => {
      const found = await childrenReading(path);
      const seconds = await Promise.all(found.map(busySeconds));
      return seconds.some((busy) => busy > 0.6) && found;
    });
    worker.kill('SIGKILL');
    await until('the child is gone', async () => (await childrenReading(path)).length === 0, 3_000);
    expect(pid).toBeGreaterThan(0);
  });

  it('tells a file that is not there from one that is damaged', async () => {
    await expect(sectionsOf(join(folder, 'absent.txt'), 'text/plain')).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

/** The processes that were started to read this document. */
async function childrenReading(path: string): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')));
  return pids.filter((_, index) => lines[index]?.includes(`"path":${JSON.stringify(path)}`) === true).map(Number);
}

/** Processor time that a process has used. */
async function busySeconds(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  const [user = 0, system = 0] = stat.slice(stat.lastIndexOf(')')).split(' ').slice(12, 14).map(Number);
  return (user + system) / 100;
}

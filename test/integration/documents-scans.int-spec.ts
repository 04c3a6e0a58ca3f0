import { beforeAll, describe, expect, it } from '@jest/globals';
import { readdir, readFile } from 'node:fs/promises';
import { PDFDocument, PDFName, PDFRawStream } from 'pdf-lib';
import { ocrLanguageFiles } from '../../src/platform/documents/ocr-languages.js';
import type { ParseCall } from '../../src/platform/documents/document-parser.js';
import { DocumentReading, failureOf, textOf } from '../support/document-reading.js';
import { pdfWith } from '../support/documents.js';
import { fixture, scannedPdf, scannedText } from '../support/scans.js';

let reading: DocumentReading;
let english: ParseCall;
let both: ParseCall;

beforeAll(async () => {
  reading = await DocumentReading.prepare();
  english = { recognition: (await ocrLanguageFiles(['eng'], undefined)).files };
  both = { recognition: (await ocrLanguageFiles(['deu', 'eng'], undefined)).files };
});

const sectionsOf = async (content: Buffer, call: ParseCall) =>
  reading.sectionsOf(await reading.save('scan.pdf', content), 'application/pdf', {}, call);
const words = (text: string): string => text.replace(/\s+/g, ' ').trim();

describe('a scanned PDF', () => {
  it('is read page by page, each with its number; pages with text and empty ones stay as they are', async () => {
    const pages = [{ text: 'This page has plenty of text of its own.' }, 'english', 'blank', 'upside down'] as const;
    const sections = await sectionsOf(await scannedPdf(pages), english);
    const shown = sections.filter(({ text }) => text.trim() !== '').map(({ text, source }) => [words(text), source]);
    expect(shown).toEqual([
      ['This page has plenty of text of its own.', { page: 1 }],
      [words(scannedText.english), { page: 2 }],
      [words(scannedText.english), { page: 4 }],
    ]);
    expect((await readdir(reading.folder)).filter((name) => name.includes('languages'))).toEqual([]);
  });

  it('is read in each of its languages', async () => {
    const sections = await sectionsOf(await scannedPdf(['german', 'english']), both);
    expect(words(textOf(sections))).toBe(words(`${scannedText.german} ${scannedText.english}`));
  });

  it('is read although a page number was printed on the scan', async () => {
    const text = textOf(await sectionsOf(await scannedPdf([{ text: 'Page 17', over: 'english' }]), english));
    expect(words(text)).toContain('Page 17 ');
    expect(words(text)).toContain('Its keeper was called Amos Tull.');
  });

  it('is read from pictures of every encoding that scanners use', async () => {
    const merged = await PDFDocument.create();
    for (const encoding of ['ccitt', 'jbig2', 'jpeg2000']) {
      const one = await PDFDocument.load(await readFile(fixture(`scan-${encoding}.pdf`)));
      for (const page of await merged.copyPages(one, [0])) merged.addPage(page);
    }
    const sections = await sectionsOf(Buffer.from(await merged.save()), english);
    expect(sections.map(({ text }) => words(text))).toEqual(Array(3).fill('The tram to Ostend costs nine francs.'));
  });

  it('holds no text where recognition is off', async () => {
    expect(await failureOf(sectionsOf(await scannedPdf(['english']), {}))).toBe('no_text');
  });

  it('holds no text where there is none on its pictures', async () => {
    expect(await failureOf(sectionsOf(await emptyPicture(600, 800), english))).toBe('no_text');
  });

  it('is told from others by asking, which reads no picture', async () => {
    const ask: ParseCall = { recognition: 'ask' };
    expect(await failureOf(sectionsOf(await scannedPdf([{ text: 'Some text that is long enough.' }, 'english']), ask))).toBe(
      'scanned_pages',
    );
    expect(textOf(await sectionsOf(await pdfWith([['Some text that is long enough.']]), ask))).toContain('Some text');
  });

  it('of more pages than one document may have is refused before anything is recognized', async () => {
    const many = await scannedPdf(Array.from({ length: 501 }, () => 'blank' as const));
    expect(await failureOf(sectionsOf(many, { recognition: 'ask' }))).toBe('too_many_scans');
  });
});

describe('a hostile scan', () => {
  it('with a picture of more pixels than are decoded is not decoded', async () => {
    expect(await failureOf(sectionsOf(await emptyPicture(20_000, 20_000), english))).toBe('no_text');
  });

  it('whose pictures do not fit into memory ends its own process', async () => {
    const content = await emptyPicture(6_000, 5_900, 12);
    const path = await reading.save('bomb.pdf', content);
    const limits = { maxResidentBytes: 600 * 1024 * 1024 };
    expect(await failureOf(reading.sectionsOf(path, 'application/pdf', limits, english))).toBe('parse_memory');
  });

  it('that stands still is ended, and so is one that takes too long', async () => {
    const path = await reading.save('slow.pdf', await scannedPdf(['english', 'english']));
    const silent = { recognition: { timeoutMs: 60_000, silentMs: 100 } };
    expect(await failureOf(reading.sectionsOf(path, 'application/pdf', silent, english))).toBe('parse_timeout');
    const late = { recognition: { timeoutMs: 300, silentMs: 60_000 } };
    expect(await failureOf(reading.sectionsOf(path, 'application/pdf', late, english))).toBe('parse_timeout');
  });

  it('with broken pictures of every encoding is read where it is whole', async () => {
    const merged = await PDFDocument.create();
    const nonsense = Buffer.from('This is no picture at all. '.repeat(50));
    for (const filter of ['CCITTFaxDecode', 'JBIG2Decode', 'JPXDecode', 'DCTDecode', 'FlateDecode']) {
      const broken = await PDFDocument.load(await pictureOf(1_000, 1_000, filter, nonsense));
      for (const page of await merged.copyPages(broken, [0])) merged.addPage(page);
    }
    const whole = await PDFDocument.load(await scannedPdf(['english']));
    for (const page of await merged.copyPages(whole, [0])) merged.addPage(page);
    const text = textOf(await sectionsOf(Buffer.from(await merged.save()), english));
    expect(words(text)).toBe(words(scannedText.english));
  });
});

describe('the data of a language', () => {
  it('that is not installed is missing', async () => {
    expect(await ocrLanguageFiles(['eng', 'tlh'], undefined)).toMatchObject({ missing: ['tlh'] });
    expect(await ocrLanguageFiles(['eng'], reading.folder)).toMatchObject({ files: {}, missing: ['eng'] });
  });

  it('is found in a folder, packed or not', async () => {
    const { files } = await ocrLanguageFiles(['eng'], undefined);
    const { gunzipSync } = await import('node:zlib');
    await reading.save('xyz.traineddata', gunzipSync(await readFile(files['eng'] ?? '')));
    const { files: found } = await ocrLanguageFiles(['xyz'], reading.folder);
    const text = textOf(await sectionsOf(await scannedPdf(['english']), { recognition: found }));
    expect(words(text)).toBe(words(scannedText.english));
  });

  it('that is no such data fails the document', async () => {
    const path = await reading.save('bad.traineddata', 'no data');
    const failure = failureOf(sectionsOf(await scannedPdf(['english']), { recognition: { bad: path } }));
    expect(['ocr_unavailable', 'parser_crashed']).toContain(await failure);
  });
});

/** A PDF of one page with white pictures of this size, packed into next to nothing. */
async function emptyPicture(width: number, height: number, times = 1): Promise<Buffer> {
  const { deflateSync } = await import('node:zlib');
  const rows = width * height > 36_000_000 ? 1 : height;
  return pictureOf(width, height, 'FlateDecode', deflateSync(Buffer.alloc(width * rows * 3, 255), { level: 1 }), times);
}

async function pictureOf(width: number, height: number, filter: string, data: Buffer, times = 1): Promise<Buffer> {
  const pdf = await PDFDocument.create();
  const page = pdf.addPage([595, 842]);
  const names = Array.from({ length: times }, (_none, at) => `P${at}`);
  for (const name of names) {
    const settings = { Width: width, Height: height, BitsPerComponent: 8, ColorSpace: 'DeviceRGB', Filter: filter };
    const stream = PDFRawStream.of(pdf.context.obj({ Type: 'XObject', Subtype: 'Image', ...settings }), data);
    page.node.setXObject(PDFName.of(name), pdf.context.register(stream));
  }
  const content = names.map((name) => `q 595 0 0 842 0 0 cm /${name} Do Q`).join('\n');
  page.node.set(PDFName.of('Contents'), pdf.context.register(pdf.context.stream(content)));
  return Buffer.from(await pdf.save());
}

import { describe, expect, it } from '@jest/globals';
import { docxWith, pdfWith, pptxWith, xlsxWith, zipWith } from '../../../test/support/documents.js';
import { oldWordDocument, protectedOfficeDocument } from '../../../test/support/protected-documents.js';
import { sniffMediaType } from './media-types.js';

const office = 'application/vnd.openxmlformats-officedocument';
const docx = `${office}.wordprocessingml.document`;

async function sniff(content: Buffer | string, name: string): Promise<string> {
  const result = await sniffMediaType(Buffer.from(content).subarray(0, 65_536), name);
  return 'refused' in result ? result.refused : result.mediaType;
}

describe('sniffMediaType', () => {
  it('goes by what is in the file, whatever it is called', async () => {
    for (const name of ['a.txt', 'a.docx', 'a', 'a.png']) {
      expect(await sniff(await pdfWith([['Hello.']]), name)).toBe('application/pdf');
      expect(await sniff(await docxWith([{ paragraphs: ['Hello.'] }]), name)).toBe(docx);
      expect(await sniff(await pptxWith([{ title: 'Hello' }]), name)).toBe(`${office}.presentationml.presentation`);
      expect(await sniff(await xlsxWith({ Sheet: [['Hello']] }), name)).toBe(`${office}.spreadsheetml.sheet`);
    }
  });

  it.each([
    ['a.md', 'text/markdown'],
    ['a.CSV', 'text/csv'],
    ['a.json', 'application/json'],
    ['a.jsonl', 'application/json'],
    ['a.htm', 'text/html'],
    ['a.txt', 'text/plain'],
    ['a.py', 'text/plain'],
    ['a', 'text/plain'],
    ['a.pdf', 'text/plain'],
    ['../a.html/b', 'text/plain'],
  ])('lets the name decide among text formats: %s', async (name, mediaType) => {
    expect(await sniff('Some text, that could be anything.', name)).toBe(mediaType);
  });

  it('knows a page by its beginning when the name says nothing', async () => {
    expect(await sniff('\ufeff <!DOCTYPE html><p>Hello.', 'download')).toBe('text/html');
  });

  it('takes text in any encoding, also when it begins like something else', async () => {
    for (const text of [
      'BM is no picture here.',
      'MZ is no program here.',
      'GIF89a was a format.',
      'ID3, ID4 and ID5 are cars.',
    ]) {
      expect(await sniff(text, 'a.txt')).toBe('text/plain');
    }
    expect(await sniff(Buffer.from('Grüße', 'utf16le'), 'a.txt')).toBe('text/plain');
    expect(await sniff(Buffer.from('\ufeffname\tstadt\r\nŁukasz\tŁódź\r\n', 'utf16le'), 'a.csv')).toBe('text/csv');
    expect(await sniff(Buffer.from([0x47, 0x72, 0xfc, 0xdf, 0x65]), 'a.txt')).toBe('text/plain');
    expect(await sniff('', 'a.md')).toBe('text/markdown');
  });

  it('takes a log with a few control characters, but no other type that holds mostly text', async () => {
    expect(await sniff(`12:00 started\n12:01 stop\0ped\n`, 'a.log')).toBe('text/plain');
    expect(await sniff(`SQLite format 3\0${'create table notes (text)'.repeat(50)}`, 'a.log')).toMatch(/sqlite/);
  });

  it('refuses other types with a sentence that names them', async () => {
    const png = Buffer.from(
      'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
      'base64',
    );
    for (const name of ['a.png', 'a.pdf', 'a.txt']) {
      expect(await sniff(png, name)).toBe(
        'The file is image/png. Files that can be read: PDF, Word (.docx), PowerPoint (.pptx), Excel (.xlsx), HTML, Markdown, CSV, JSON and plain text.',
      );
    }
    expect(await sniff(await zipWith({ 'a.txt': 'Hello.' }), 'a.zip')).toMatch(/^The file is a ZIP archive\./);
    expect(await sniff(await zipWith({ mimetype: Buffer.from('application/epub+zip') }), 'a.epub')).toMatch(/^The file is /);
    expect(await sniff('{\\rtf1\\ansi Hello.}', 'a.txt')).toMatch(/^The file is RTF\./);
    expect(await sniff(Buffer.from([0, 1, 2, 3, 4, 5]), 'a.txt')).toMatch(/^This type of file is not known\./);
  });

  it('lets protected office documents in by their name, and refuses old ones', async () => {
    expect(await sniff(protectedOfficeDocument(await docxWith([{ paragraphs: ['Hello.'] }])), 'a.docx')).toBe(docx);
    expect(await sniff(oldWordDocument(), 'a.doc')).toMatch(/^The file is of an old Office format/);
  });
});

import { beforeAll, describe, expect, it } from '@jest/globals';
import { truncate } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { docx, DocumentReading, failureOf, textOf } from '../support/document-reading.js';
import { docxWith, guidedText, japanesePdf, pdfWith, pdfWithoutText, pptxWith, xlsxWith, zipWith } from '../support/documents.js';
import { oldWordDocument, protectedOfficeDocument, protectedPdf } from '../support/protected-documents.js';

/** Printed by Chromium, with DejaVu Sans embedded, from a page of one English, two Hebrew and one Arabic paragraph. */
const rightToLeftPdf = fileURLToPath(new URL('../fixtures/right-to-left.pdf', import.meta.url));

let reading: DocumentReading;

beforeAll(async () => {
  reading = await DocumentReading.prepare();
});

describe('PDF', () => {
  it('gives every page its own section', async () => {
    const sections = await reading.read(
      'two.pdf',
      await pdfWith([['The first page.', 'Its second line.'], ['The second page.']]),
    );
    expect(sections).toEqual([
      { text: 'The first page.\nIts second line.\n\n', source: { page: 1 } },
      { text: 'The second page.\n\n', source: { page: 2 } },
    ]);
  });

  it('reads 300 pages in order and tells how far it is', async () => {
    const pages = Array.from({ length: 300 }, (_, index) => [`This is page ${index + 1}.`]);
    const path = await reading.save('long.pdf', await pdfWith(pages));
    const percents: number[] = [];
    const sections = await reading.sectionsOf(path, 'application/pdf', {}, { onProgress: (percent) => percents.push(percent) });
    expect(sections.map(({ source }) => source.page)).toEqual(pages.map((_, index) => index + 1));
    expect(sections.at(-1)?.text).toBe('This is page 300.\n\n');
    expect(percents).toEqual([...new Set(percents)].sort((a, b) => a - b));
    expect(percents.at(-1)).toBe(100);
  });

  it('puts Hebrew and Arabic of a browser in reading order, with numbers and English inside', async () => {
    const text = textOf(await reading.sectionsOf(rightToLeftPdf, 'application/pdf'));
    expect(text).toContain('שלום עולם, זהו מסמך בעברית עם מספר 42 ומילה English באמצע.\n');
    expect(text).toContain('مرحبا بالعالم، هذه وثيقة باللغة العربية والرقم 42.\n');
    expect(text).toContain('ובזכויותיהם. כולם חוננו בתבונה ובמצפון,\n');
    expect(text).toContain('English first paragraph with 123 numbers.\n');
  });

  it('reads Japanese whose font is not embedded', async () => {
    expect(textOf(await reading.read('japanese.pdf', await japanesePdf('吾輩は猫である。名前はまだ無い。')))).toBe(
      '吾輩は猫である。名前はまだ無い。\n\n',
    );
  });

  it('says that a PDF needs a password', async () => {
    const locked = await protectedPdf(await pdfWith([['Secret.']]), 'a password');
    expect(await failureOf(reading.read('locked.pdf', locked))).toBe('encrypted_pdf');
  });

  it('reads a PDF that only forbids changes', async () => {
    const readOnly = await protectedPdf(await pdfWith([['Not so secret.']]), '');
    expect(textOf(await reading.read('read-only.pdf', readOnly))).toBe('Not so secret.\n\n');
  });

  it('says that a scan has no text', async () => {
    expect(await failureOf(reading.read('scan.pdf', await pdfWithoutText()))).toBe('no_text');
  });

  it('says that half a PDF is damaged', async () => {
    const path = await reading.save('half.pdf', await pdfWith(Array.from({ length: 20 }, () => ['A page.'])));
    await truncate(path, 2_000);
    expect(await failureOf(reading.sectionsOf(path, 'application/pdf'))).toBe('damaged_file');
  });
});

describe('DOCX', () => {
  it('keeps headings as sources, and tables as rows', async () => {
    const sections = await reading.read(
      'guide.docx',
      await docxWith([
        { heading: 'Guide', paragraphs: ['Read me first.'] },
        {
          heading: 'Prices',
          level: 2,
          table: [
            ['Item', 'Price'],
            ['Tea_cup', '2 €'],
          ],
        },
      ]),
    );
    expect(sections.map(({ source }) => source.heading)).toEqual(['Guide', 'Guide > Prices']);
    expect(sections[0]?.text).toContain('Read me first.');
    expect(sections[1]?.text).toContain('| Tea_cup | 2 € |');
  });

  it('keeps right-to-left and CJK text as it was written', async () => {
    const paragraphs = ['שלום עולם (2026)', 'مرحبا بالعالم', '東京都の天気は晴れ。', '서울의 날씨', '𠮷野家 👩‍👩‍👧‍👦'];
    const text = textOf(await reading.read('world.docx', await docxWith([{ paragraphs, isRightToLeft: true }])));
    for (const paragraph of paragraphs) expect(text).toContain(paragraph);
  });

  it('says that a document needs a password', async () => {
    const locked = protectedOfficeDocument(await docxWith([{ paragraphs: ['Secret.'] }]));
    expect(await failureOf(reading.read('locked.docx', locked))).toBe('encrypted_document');
  });

  it('says that a document of old Word under a new name is of another type', async () => {
    expect(await failureOf(reading.read('old.docx', oldWordDocument()))).toBe('unsupported_type');
  });

  it('says that a document without a word has no text', async () => {
    expect(await failureOf(reading.read('empty.docx', await docxWith([])))).toBe('no_text');
  });

  it('says that half a document is damaged', async () => {
    const whole = await docxWith([{ paragraphs: ['A paragraph.'] }]);
    expect(await failureOf(reading.read('half.docx', whole.subarray(0, whole.length / 2)))).toBe('damaged_file');
  });
});

describe('PPTX', () => {
  it('gives every slide with its title, table and notes', async () => {
    const sections = await reading.read(
      'show.pptx',
      await pptxWith([
        {
          title: 'Results',
          lines: ['Sales grew by 12 %.'],
          table: [
            ['Region', 'Sales'],
            ['North', '7'],
          ],
          notes: 'Mention the new shop.',
        },
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
    const sections = await reading.read(
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
    expect(textOf(await reading.read('guided.xlsx', await xlsxWith({ 表: [[guidedText('東京', 'トウキョウ')]] })))).toBe(
      '東京\n',
    );
  });

  it('keeps a sheet of 50,000 rows in a small memory', async () => {
    const rows = Array.from({ length: 50_000 }, (_, index) => [{ number: index }, `Row ${index}`, { number: index / 4 }]);
    const sections = await reading.read('rows.xlsx', await xlsxWith({ Rows: rows }), {
      heapMegabytes: 64,
      maxResidentBytes: 256 * 1024 * 1024,
    });
    expect(textOf(sections).split('\n')).toHaveLength(50_001);
    expect(sections.length).toBeGreaterThan(10);
  });
});

describe('text formats', () => {
  it('keeps the headings of HTML as sources and leaves scripts out', async () => {
    const page =
      '<title>Shop</title><script>alert(1)</script><h1>Tea</h1><p>We &amp; you.<h2>Green</h2><ul><li>Sencha<li>Matcha</ul>';
    const sections = await reading.read('page.html', page);
    expect(sections.map(({ source }) => source.heading)).toEqual(['Shop', 'Tea', 'Tea > Green']);
    expect(textOf(sections)).not.toContain('alert');
    expect(textOf(sections)).toContain('We & you.');
  });

  it('keeps the headings of Markdown as sources and every character', async () => {
    const text = '# One\n\nFirst.\n\n```\n# no heading\n```\n\n## Two\n\nSecond.\n';
    const sections = await reading.read('notes.md', text);
    expect(sections.map(({ source }) => source.heading)).toEqual(['One', 'One > Two']);
    expect(textOf(sections)).toBe(text);
  });

  it('gives the rows of CSV with the names of their columns', async () => {
    expect(textOf(await reading.read('a.csv', 'Name;Town\n"Ada; L.";"Lon\ndon"\nGrace;\n'))).toBe(
      'Name | Town\nName: Ada; L. | Town: Lon don\nName: Grace\n',
    );
  });

  it('reads CSV whose quotes do not pair', async () => {
    expect(textOf(await reading.read('inches.csv', 'Name,Size\nPipe,5"\n"Tube,7\n'))).toBe(
      'Name | Size\nName: Pipe | Size: 5"\nName: "Tube | Size: 7\n',
    );
  });

  it('gives the values of JSON with their paths and all their digits', async () => {
    const json = '{"users":[{"name":"Ada","id":12345678901234567890}],"odd key":null,"none":[]}';
    expect(textOf(await reading.read('a.json', json))).toBe(
      'users[0].name: Ada\nusers[0].id: 12345678901234567890\n["odd key"]: null\nnone: []\n',
    );
  });

  it('says that broken JSON is damaged and that an empty file has no text', async () => {
    expect(await failureOf(reading.read('half.json', '{"users":[{"name":'))).toBe('damaged_file');
    expect(await failureOf(reading.read('empty.txt', ''))).toBe('no_text');
    expect(await failureOf(reading.read('blank.csv', ' \n\n'))).toBe('no_text');
  });

  it('reads JSON with numbers that JSON has not, and JSON lines whose end is cut', async () => {
    expect(textOf(await reading.read('nan.json', '[{"name":"Bolt","price":NaN},{"name":"Nut","price":2.5}]'))).toBe(
      '[0].name: Bolt\n[0].price: NaN\n[1].name: Nut\n[1].price: 2.5\n',
    );
    expect(textOf(await reading.read('cut.jsonl', '{"name":"Bolt"}\n{"name":"Nut","pri'))).toBe(
      '[0].name: Bolt\n[1].name: Nut\n[1]: (The rest of the file could not be read.)\n',
    );
  });

  it('reads a log with zero bytes, and texts with a bad byte or unseen hyphens', async () => {
    expect(textOf(await reading.read('a.log', 'The server\0 started.\n'))).toBe('The server started.\n');
    const bad = Buffer.concat([Buffer.from('Die Kündigungsfrist ist '), Buffer.from([0xfc]), Buffer.from(' drei Monate.')]);
    expect(textOf(await reading.read('bad.txt', bad))).toBe('Die Kündigungsfrist ist \ufffd drei Monate.');
    expect(textOf(await reading.read('soft.txt', 'Ver\u00adtrags\u200bstrafe und Ver-\nwaltung'))).toBe(
      'Vertragsstrafe und Verwaltung',
    );
  });

  it('gives 5 MB of text in small pieces whose characters are whole', async () => {
    const text = 'Ein 𠮷 und ein 👍.\n'.repeat(260_000);
    const sections = await reading.read('long.txt', text);
    expect(Math.max(...sections.map((section) => section.text.length))).toBeLessThanOrEqual(65_536);
    expect(textOf(sections) === text).toBe(true);
  });
});

describe('content that is not what the name says', () => {
  it('reads what is there: a PDF named .txt, a spreadsheet named .docx', async () => {
    expect(textOf(await reading.read('a.txt', await pdfWith([['I am a PDF.']])))).toContain('I am a PDF.');
    expect(textOf(await reading.read('b.docx', await xlsxWith({ Sheet: [['I am a spreadsheet.']] })))).toContain(
      'I am a spreadsheet.',
    );
  });

  it('fails for bytes that became another type after the upload', async () => {
    const path = await reading.save('noise.txt', Buffer.from([0, 1, 2, 3, 0, 255, 254, 7]));
    expect(await failureOf(reading.sectionsOf(path, 'text/plain'))).toBe('unsupported_type');
    expect(await failureOf(reading.sectionsOf(path, 'application/pdf'))).toBe('damaged_file');
    expect(await failureOf(reading.sectionsOf(path, docx))).toBe('damaged_file');
  });

  it('fails for an archive that is no office document', async () => {
    const path = await reading.save('other.zip', await zipWith({ 'readme.txt': 'Hello.' }));
    expect(await failureOf(reading.sectionsOf(path, docx))).toBe('unsupported_type');
  });
});

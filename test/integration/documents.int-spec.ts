import { beforeAll, describe, expect, it } from '@jest/globals';
import { truncate } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { docx, DocumentReading, failureOf, textOf } from '../support/document-reading.js';
import {
  docxOf,
  docxWith,
  guidedText,
  japanesePdf,
  pdfWith,
  pdfWithForm,
  pdfWithoutText,
  pptxWith,
  xlsxWith,
  zipWith,
} from '../support/documents.js';
import { oldWordDocument, protectedOfficeDocument, protectedPdf } from '../support/protected-documents.js';

/** Printed by Chromium, with DejaVu Sans embedded, from a page of one English, two Hebrew and one Arabic paragraph. */
const rightToLeftPdf = fileURLToPath(new URL('../fixtures/right-to-left.pdf', import.meta.url));

let reading: DocumentReading;

beforeAll(async () => {
  reading = await DocumentReading.prepare();
});

const xlsx = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';

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

  it('joins words that are parted at the end of a line or set with wide spaces', async () => {
    const lines = ['It goes to the adminis-', 'tration. S P A C E D', 'Vor-', 'und Nachteile'];
    expect(textOf(await reading.read('lines.pdf', await pdfWith([lines])))).toBe(
      'It goes to the administration. SPACED\nVor-\nund Nachteile\n\n',
    );
  });

  it('reads the values of form fields and notes', async () => {
    const fields = { 'Account number': 'DE 4711', Married: true, Retired: false };
    const text = textOf(await reading.read('form.pdf', await pdfWithForm(['Application'], fields, 'Check the date.')));
    expect(text).toBe('Application\n\nAccount number: DE 4711\nMarried: Yes\nNote (Ada): Check the date.\n\n');
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

  it('shows the numbers of clauses as Word shows them', async () => {
    const level = (at: number, format: string, text: string, style = ''): string =>
      `<w:lvl w:ilvl="${at}"><w:start w:val="1"/><w:numFmt w:val="${format}"/>${style}<w:lvlText w:val="${text}"/></w:lvl>`;
    const numbering = `<w:abstractNum w:abstractNumId="7">${level(0, 'decimal', '§ %1', '<w:pStyle w:val="Heading1"/>')}${level(1, 'decimal', '%1.%2')}${level(2, 'lowerLetter', '(%3)')}</w:abstractNum><w:abstractNum w:abstractNumId="8">${level(0, 'bullet', '•')}</w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="7"/></w:num><w:num w:numId="2"><w:abstractNumId w:val="8"/></w:num>`;
    const heading = `<w:style w:type="paragraph" w:styleId="Heading1"><w:name w:val="heading 1"/><w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style>`;
    const titled = (text: string): string =>
      `<w:p><w:pPr><w:pStyle w:val="Heading1"/></w:pPr><w:r><w:t>${text}</w:t></w:r></w:p>`;
    const item = (at: number, text: string, list = 1): string =>
      `<w:p><w:pPr><w:numPr><w:ilvl w:val="${at}"/><w:numId w:val="${list}"/></w:numPr></w:pPr><w:r><w:t>${text}</w:t></w:r></w:p>`;
    const body = `${titled('Term')}${item(1, 'It ends.')}${item(2, 'by letter')}${item(2, 'in person')}${titled('Price')}${item(1, 'It is due.')}${item(0, 'a point', 2)}<w:p><w:r><w:t>No number.</w:t></w:r></w:p>`;
    const sections = await reading.read('clauses.docx', await docxOf(body, numbering, heading));
    expect(sections.map(({ source }) => source.heading)).toEqual(['§ 1 Term', '§ 2 Price']);
    expect(textOf(sections).split(/\n+/)).toEqual([
      '# § 1 Term',
      '1.1 It ends.',
      '(a) by letter',
      '(b) in person',
      '# § 2 Price',
      '2.1 It is due.',
      '-   a point',
      'No number.',
      '',
    ]);
  });

  it('keeps equations and words with soft hyphens', async () => {
    const power = '<m:sSup><m:e><m:r><m:t>c</m:t></m:r></m:e><m:sup><m:r><m:t>2</m:t></m:r></m:sup></m:sSup>';
    const body = `<w:p><w:r><w:t xml:space="preserve">So </w:t></w:r><m:oMath><m:r><m:t>E=m</m:t></m:r>${power}</m:oMath></w:p><w:p><w:r><w:t>Ver</w:t><w:softHyphen/><w:t>trag</w:t></w:r></w:p>`;
    expect(textOf(await reading.read('equation.docx', await docxOf(body)))).toBe('So E=mc^2\n\nVertrag\n');
  });

  it('reads a text box once, in its newer form, its older one, or both', async () => {
    const say = (text: string): string => `<w:p><w:r><w:t>${text}</w:t></w:r></w:p>`;
    const newer = (text: string): string =>
      `<mc:Choice Requires="wps"><w:drawing><w:txbxContent>${say(text)}</w:txbxContent></w:drawing></mc:Choice>`;
    const older = (text: string): string =>
      `<mc:Fallback><w:pict><w:txbxContent>${say(text)}</w:txbxContent></w:pict></mc:Fallback>`;
    const boxes = [newer('One box.'), older('Two boxes.'), newer('Three boxes.') + older('Three boxes.')];
    const body = boxes.map((box) => `<w:p><w:r><mc:AlternateContent>${box}</mc:AlternateContent></w:r></w:p>`).join('');
    const text = textOf(await reading.read('boxes.docx', await docxOf(body)));
    expect(text.split(/\n+/)).toEqual(['One box.', 'Two boxes.', 'Three boxes.', '']);
  });

  it('says in each row what stands in merged cells', async () => {
    const cell = (text: string, merge = ''): string =>
      `<w:tc><w:tcPr>${merge}</w:tcPr><w:p><w:r><w:t>${text}</w:t></w:r></w:p></w:tc>`;
    const rows = [
      cell('Region') + cell('City'),
      cell('North', '<w:vMerge w:val="restart"/>') + cell('Kiel'),
      cell('', '<w:vMerge/>') + cell('Bremen'),
      cell('All', '<w:gridSpan w:val="2"/>'),
    ];
    const body = `<w:tbl>${rows.map((row) => `<w:tr>${row}</w:tr>`).join('')}</w:tbl>`;
    expect(textOf(await reading.read('merged.docx', await docxOf(body)))).toBe(
      '| Region | City |\n| North | Kiel |\n| North | Bremen |\n| All | All |\n',
    );
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

  it('says in each row what stands in merged cells, whatever prefixes the XML has', async () => {
    const book = `<x:workbook xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:rel="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><x:sheets><x:sheet name="Sales" sheetId="1" rel:id="rId1"/></x:sheets></x:workbook>`;
    const text = (address: string, value: string): string =>
      `<x:c r="${address}" t="inlineStr"><x:is><x:t>${value}</x:t></x:is></x:c>`;
    const rows = [
      text('A1', 'Sales of May'),
      text('A2', 'Region') + text('B2', 'City') + text('C2', '2025'),
      `${text('A3', 'North')}${text('B3', 'Kiel')}<x:c r="C3"><x:v>1</x:v></x:c>`,
      `${text('B4', 'Bremen')}<x:c r="C4"><x:f>SUM(1,2)</x:f></x:c>`,
    ];
    const sheet = `<x:worksheet xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><x:sheetData>${rows.map((cells, row) => `<x:row r="${row + 1}">${cells}</x:row>`).join('')}</x:sheetData><x:mergeCells><x:mergeCell ref="A1:C1"/><x:mergeCell ref="A3:A4"/></x:mergeCells></x:worksheet>`;
    const file = await xlsxWith({ Sales: [] }, { 'xl/workbook.xml': book, 'xl/worksheets/sheet1.xml': sheet });
    expect(textOf(await reading.read('merged.xlsx', file))).toBe(
      'Sales of May\nRegion | City | 2025\nRegion: North | City: Kiel | 2025: 1\nRegion: North | City: Bremen | 2025: =SUM(1,2) (not calculated)\n',
    );
  });

  it('leaves hidden sheets out unless they are asked for', async () => {
    const file = await xlsxWith(
      { Shown: [['Ada']], Hidden: [['a secret']] },
      {
        'xl/workbook.xml': `<workbook xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="Shown" r:id="rId1"/><sheet name="Hidden" state="veryHidden" r:id="rId2"/></sheets></workbook>`,
      },
    );
    expect(textOf(await reading.read('hidden.xlsx', file))).toBe('Ada\n');
    const path = await reading.save('asked.xlsx', file);
    expect(textOf(await reading.sectionsOf(path, xlsx, {}, { hiddenSheets: true }))).toBe('Ada\na secret\n');
  });

  it('reads the escapes of characters that XML has not', async () => {
    expect(textOf(await reading.read('escaped.xlsx', await xlsxWith({ S: [['one_x000D_\ntwo'], ['_x005F_x000D_']] })))).toBe(
      'one two\none two: _x000D_\n',
    );
  });

  it('ends on a sheet whose merged cells cover it many times', async () => {
    const areas = Array.from({ length: 20_000 }, () => '<mergeCell ref="A1:XFD1048576"/>').join('');
    const rows = Array.from({ length: 2_000 }, (_, row) => `<row r="${row + 1}"><c r="A${row + 1}"><v>1</v></c></row>`).join('');
    const sheet = `<worksheet><sheetData>${rows}</sheetData><mergeCells>${areas}</mergeCells></worksheet>`;
    const file = await xlsxWith({ S: [] }, { 'xl/worksheets/sheet1.xml': sheet });
    expect(textOf(await reading.read('covered.xlsx', file)).length).toBeLessThan(20_000_000);
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

  it('takes front matter for no text but its title, and the data of a picture for none', async () => {
    const picture = Buffer.alloc(3_000, 'heron').toString('base64');
    const sections = await reading.read(
      'leave.md',
      `---\ntitle: Leave\ntags: [a]\n---\n\nThirty days. ![a heron](data:image/png;base64,${picture})\n\n## Carry over\n\nUntil March.\n`,
    );
    expect(sections.map(({ source }) => source.heading)).toEqual([undefined, 'Carry over']);
    expect(textOf(sections)).toBe('Leave\n\nThirty days. a heron\n\n## Carry over\n\nUntil March.\n');
    expect(textOf(await reading.read('picture.json', JSON.stringify({ a: `data:image/png;base64,${picture}`, b: 1 })))).toBe(
      'a: \nb: 1\n',
    );
  });

  it('puts the cells of an HTML table into their columns', async () => {
    const table =
      '<table><tr><th>Region<th>City<tr><td rowspan=2>North<td>Kiel<tr><td>Bremen<tr><td colspan=2>South total</table>';
    expect(textOf(await reading.read('table.html', table))).toBe(
      '| Region | City |\n| North | Kiel |\n| North | Bremen |\n| South total | South total |\n',
    );
  });

  it('reads CSV with a line that names the delimiter, and with commas in its texts', async () => {
    expect(textOf(await reading.read('sep.csv', 'sep=;\r\nName;Town\r\nAda;Oslo\r\n'))).toBe(
      'Name | Town\nName: Ada | Town: Oslo\n',
    );
    expect(textOf(await reading.read('commas.csv', 'No;Item;Price\n1;Bolt, zinc, 4x40, round;1,50\n'))).toBe(
      'No | Item | Price\nNo: 1 | Item: Bolt, zinc, 4x40, round | Price: 1,50\n',
    );
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

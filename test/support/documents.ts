import { createWriteStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { AlignmentType, Document, HeadingLevel, Packer, Paragraph, Table, TableCell, TableRow, TextRun } from 'docx';
import { PDFDocument, PDFName, PDFString, StandardFonts } from 'pdf-lib';
import PptxGenJS from 'pptxgenjs';
import yazl from 'yazl';

/*
 * Documents for tests, made by real writers: pdf-lib, docx, pptxgenjs, and yazl for spreadsheets and for archives that
 * no office program would write.
 */

/** A PDF with one page for each list of lines, in a standard font (Latin text only). */
export async function pdfWith(pages: readonly (readonly string[])[]): Promise<Buffer> {
  const pdf = await PDFDocument.create();
  const font = await pdf.embedFont(StandardFonts.Helvetica);
  for (const lines of pages) {
    const page = pdf.addPage();
    lines.forEach((line, index) => page.drawText(line, { x: 50, y: 780 - index * 16, size: 12, font }));
  }
  return Buffer.from(await pdf.save());
}

/** A PDF in Japanese as most Japanese PDFs are: the font is not embedded and names a table of character codes. */
export async function japanesePdf(line: string): Promise<Buffer> {
  const pdf = await PDFDocument.create();
  const { context } = pdf;
  const descriptor = {
    Type: 'FontDescriptor',
    FontName: 'HeiseiMin-W3',
    Flags: 6,
    FontBBox: [0, -200, 1000, 900],
    ItalicAngle: 0,
  };
  const descendant = context.register(
    context.obj({
      Type: 'Font',
      Subtype: 'CIDFontType0',
      BaseFont: 'HeiseiMin-W3',
      CIDSystemInfo: { Registry: PDFString.of('Adobe'), Ordering: PDFString.of('Japan1'), Supplement: 2 },
      FontDescriptor: context.register(context.obj({ ...descriptor, Ascent: 800, Descent: -200, CapHeight: 700, StemV: 80 })),
      DW: 1000,
    }),
  );
  const font = context.obj({
    Type: 'Font',
    Subtype: 'Type0',
    BaseFont: 'HeiseiMin-W3',
    Encoding: 'UniJIS-UTF16-H',
    DescendantFonts: [descendant],
  });
  const page = pdf.addPage();
  page.node.setFontDictionary(PDFName.of('F1'), context.register(font));
  const codes = Buffer.from(line, 'utf16le').swap16().toString('hex');
  page.node.addContentStream(context.register(context.flateStream(`BT /F1 14 Tf 50 700 Td <${codes}> Tj ET`)));
  return Buffer.from(await pdf.save());
}

/** A PDF whose page is a drawing without any text, like a scan. */
export async function pdfWithoutText(): Promise<Buffer> {
  const pdf = await PDFDocument.create();
  pdf.addPage().drawRectangle({ x: 100, y: 100, width: 200, height: 300 });
  return Buffer.from(await pdf.save());
}

export interface DocxPart {
  readonly heading?: string;
  readonly level?: 1 | 2;
  readonly paragraphs?: readonly string[];
  readonly table?: readonly (readonly string[])[];
  readonly isRightToLeft?: boolean;
}

/** A DOCX of the given parts. */
export async function docxWith(parts: readonly DocxPart[]): Promise<Buffer> {
  const children = parts.flatMap(({ heading, level = 1, paragraphs = [], table, isRightToLeft = false }) => [
    ...(heading === undefined
      ? []
      : [new Paragraph({ text: heading, heading: level === 1 ? HeadingLevel.HEADING_1 : HeadingLevel.HEADING_2 })]),
    ...paragraphs.map(
      (text) =>
        new Paragraph({
          bidirectional: isRightToLeft,
          alignment: isRightToLeft ? AlignmentType.RIGHT : AlignmentType.LEFT,
          children: [new TextRun({ text, rightToLeft: isRightToLeft })],
        }),
    ),
    ...(table === undefined ? [] : [docxTable(table)]),
  ]);
  return Packer.toBuffer(new Document({ sections: [{ children }] }));
}

function docxTable(rows: readonly (readonly string[])[]): Table {
  return new Table({
    rows: rows.map(
      (cells) => new TableRow({ children: cells.map((text) => new TableCell({ children: [new Paragraph(text)] })) }),
    ),
  });
}

export interface Slide {
  readonly title?: string;
  readonly lines?: readonly string[];
  readonly table?: readonly (readonly string[])[];
  readonly notes?: string;
}

/** The package's types say that its class is a member; Node's import gives the class itself. */
const Presentation = PptxGenJS as unknown as typeof PptxGenJS.default;

/** A PPTX of the given slides. */
export async function pptxWith(slides: readonly Slide[]): Promise<Buffer> {
  const show = new Presentation();
  show.defineSlideMaster({
    title: 'titled',
    objects: [{ placeholder: { options: { name: 'title', type: 'title', x: 1, y: 0, w: 8, h: 1 }, text: '' } }],
  });
  for (const { title, lines = [], table, notes } of slides) {
    const slide = show.addSlide({ masterName: 'titled' });
    if (title !== undefined) slide.addText(title, { placeholder: 'title' });
    lines.forEach((line, index) => slide.addText(line, { x: 1, y: 1 + index / 2, w: 8, h: 0.5 }));
    if (table !== undefined)
      slide.addTable(
        table.map((row) => row.map((text) => ({ text }))),
        { x: 1, y: 4, w: 8 },
      );
    if (notes !== undefined) slide.addNotes(notes);
  }
  return (await show.write({ outputType: 'nodebuffer' })) as Buffer;
}

/** A cell as its XML says it: a text, a number with the number of its style, or raw XML. */
export type Cell = string | { readonly number: number; readonly style?: number } | { readonly xml: string };

const main = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
const relations = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const packageRelations = 'http://schemas.openxmlformats.org/package/2006/relationships';

/** Styles of cells: 0 general, 1 a date, 2 a percentage, 3 an own format of date and time. */
const styles = `<styleSheet xmlns="${main}"><numFmts count="1"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd\\ hh:mm"/></numFmts><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs count="4"><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="9"/><xf numFmtId="164"/></cellXfs></styleSheet>`;

/** An XLSX of the given sheets; its texts are shared, as spreadsheet programs write them. `parts` replace those made here. */
export async function xlsxWith(
  sheets: Readonly<Record<string, readonly (readonly Cell[])[]>>,
  parts: Readonly<Record<string, string>> = {},
): Promise<Buffer> {
  const texts: string[] = [];
  const names = Object.keys(sheets);
  const part = (id: number, type: string, target: string): string =>
    `<Relationship Id="rId${id}" Type="${relations}/${type}" Target="${target}"/>`;
  // The second sheet's file comes first: the order of the workbook counts, not that of the files.
  const bodies = Object.values(sheets).map((rows) => sheetXml(rows, texts));
  return zipWith({
    '[Content_Types].xml': `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/></Types>`,
    '_rels/.rels': `<Relationships xmlns="${packageRelations}">${part(1, 'officeDocument', 'xl/workbook.xml')}</Relationships>`,
    'xl/workbook.xml': `<workbook xmlns="${main}" xmlns:r="${relations}"><sheets>${names.map((name, index) => `<sheet name="${escapeXml(name)}" sheetId="${index + 1}" r:id="rId${index + 1}"/>`).join('')}</sheets></workbook>`,
    'xl/_rels/workbook.xml.rels': `<Relationships xmlns="${packageRelations}">${names.map((_, index) => part(index + 1, 'worksheet', `worksheets/sheet${names.length - index}.xml`)).join('')}${part(90, 'sharedStrings', 'sharedStrings.xml')}${part(91, 'styles', '/xl/styles.xml')}</Relationships>`,
    ...Object.fromEntries(bodies.map((body, index) => [`xl/worksheets/sheet${names.length - index}.xml`, body])),
    'xl/sharedStrings.xml': `<sst xmlns="${main}">${texts.map((text) => `<si>${text}</si>`).join('')}</sst>`,
    'xl/styles.xml': styles,
    ...parts,
  });
}

/** A text with a phonetic guide above it, as Japanese spreadsheets have them. */
export function guidedText(text: string, guide: string): Cell {
  return { xml: `<is><r><t>${text}</t></r><rPh sb="0" eb="2"><t>${guide}</t></rPh></is>` };
}

function sheetXml(rows: readonly (readonly Cell[])[], texts: string[]): string {
  const xml = rows.map((cells, row) => {
    const inner = cells.map((cell, column) => {
      const address = `${String.fromCharCode(65 + column)}${row + 1}`;
      if (typeof cell === 'string')
        return cell === ''
          ? ''
          : `<c r="${address}" t="s"><v>${texts.push(`<t xml:space="preserve">${escapeXml(cell)}</t>`) - 1}</v></c>`;
      if ('xml' in cell) return `<c r="${address}" t="inlineStr">${cell.xml}</c>`;
      return `<c r="${address}" s="${cell.style ?? 0}"><v>${cell.number}</v></c>`;
    });
    return `<row r="${row + 1}">${inner.join('')}</row>`;
  });
  return `<worksheet xmlns="${main}"><sheetData>${xml.join('')}</sheetData></worksheet>`;
}

function escapeXml(text: string): string {
  return text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

const word = 'http://schemas.openxmlformats.org/wordprocessingml/2006/main';

/** A DOCX whose body, lists and styles are the given XML, with the prefix `w` for Word's own elements and `m` for equations. */
export async function docxOf(body: string, numbering = '', ownStyles = ''): Promise<Buffer> {
  const names = `xmlns:w="${word}" xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"`;
  const part = (id: number, type: string, target: string): string =>
    `<Relationship Id="rId${id}" Type="${relations}/${type}" Target="${target}"/>`;
  return zipWith({
    '[Content_Types].xml': `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/></Types>`,
    '_rels/.rels': `<Relationships xmlns="${packageRelations}">${part(1, 'officeDocument', 'word/document.xml')}</Relationships>`,
    'word/_rels/document.xml.rels': `<Relationships xmlns="${packageRelations}">${part(1, 'numbering', 'numbering.xml')}${part(2, 'styles', 'styles.xml')}</Relationships>`,
    'word/document.xml': `<w:document ${names}><w:body>${body}</w:body></w:document>`,
    'word/numbering.xml': `<w:numbering ${names}>${numbering}</w:numbering>`,
    'word/styles.xml': `<w:styles ${names}>${ownStyles}</w:styles>`,
  });
}

/** A PDF of one page with the lines, the fields of a form with their values, and a note. */
export async function pdfWithForm(
  lines: readonly string[],
  fields: Readonly<Record<string, string | boolean>>,
  note: string,
): Promise<Buffer> {
  const pdf = await PDFDocument.load(await pdfWith([lines]));
  const [page] = pdf.getPages();
  if (page === undefined) throw new Error('The PDF has no page.');
  Object.entries(fields).forEach(([name, value], index) => {
    const place = { x: 300, y: 700 - 40 * index, width: 200, height: 20 };
    if (typeof value === 'string') {
      const field = pdf.getForm().createTextField(name);
      field.setText(value);
      field.addToPage(page, place);
    } else {
      const box = pdf.getForm().createCheckBox(name);
      box.addToPage(page, place);
      if (value) box.check();
    }
  });
  const { context } = pdf;
  const annotation = {
    Type: 'Annot',
    Subtype: 'Text',
    Rect: [10, 10, 30, 30],
    Contents: PDFString.of(note),
    T: PDFString.of('Ada'),
  };
  page.node.addAnnot(context.register(context.obj(annotation)));
  return Buffer.from(await pdf.save());
}

/** An archive of the given entries. */
export async function zipWith(entries: Readonly<Record<string, string | Buffer>>): Promise<Buffer> {
  const zip = new yazl.ZipFile();
  for (const [name, content] of Object.entries(entries)) zip.addBuffer(Buffer.from(content), name);
  zip.end();
  const parts: Buffer[] = [];
  for await (const part of zip.outputStream) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

/** Writes a DOCX whose main part unpacks to so many bytes of nothing, without ever holding them. */
export async function writeZipBomb(path: string, bytes: number): Promise<void> {
  const zip = new yazl.ZipFile();
  zip.addReadStream(Readable.from(zeros(bytes)), 'word/document.xml');
  zip.end();
  await pipeline(zip.outputStream, createWriteStream(path));
}

/**
 * Writes the same with a directory that lies: it says that the part is small, so that only counting what really comes
 * out stops it.
 */
export async function writeLyingZipBomb(path: string, bytes: number): Promise<void> {
  const zip = new yazl.ZipFile();
  zip.addReadStream(Readable.from(zeros(bytes)), 'word/document.xml');
  zip.end();
  const parts: Buffer[] = [];
  for await (const part of zip.outputStream) parts.push(part as Buffer);
  const archive = Buffer.concat(parts);
  // In the directory's entry the unpacked size stands 24 bytes behind the signature.
  archive.writeUInt32LE(1_000, archive.lastIndexOf(Buffer.from('PK\u0001\u0002', 'latin1')) + 24);
  await writeFile(path, archive);
}

/** A PPTX that shows one large slide again and again: small in the directory, large when every slide is read. */
export async function repeatedSlide(times: number, slideBytes: number): Promise<Buffer> {
  const slides = Array.from({ length: times }, (_, index) => `<p:sldId id="${index + 256}" r:id="rId${index}"/>`);
  const targets = slides.map(
    (_, index) => `<Relationship Id="rId${index}" Type="${relations}/slide" Target="slides/slide1.xml"/>`,
  );
  return zipWith({
    'ppt/presentation.xml': `<p:presentation xmlns:p="p" xmlns:r="${relations}"><p:sldIdLst>${slides.join('')}</p:sldIdLst></p:presentation>`,
    'ppt/_rels/presentation.xml.rels': `<Relationships xmlns="${packageRelations}">${targets.join('')}</Relationships>`,
    'ppt/slides/slide1.xml': `<p:sld xmlns:p="p" xmlns:a="a"><a:p><a:t>Again.</a:t></a:p>${' '.repeat(slideBytes)}</p:sld>`,
  });
}

function* zeros(bytes: number): Generator<Buffer> {
  const piece = Buffer.alloc(1024 * 1024);
  for (let left = bytes; left > 0; left -= piece.length) yield piece.subarray(0, Math.min(left, piece.length));
}

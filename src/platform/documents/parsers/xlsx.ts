import { cleanText } from '../clean-text.js';
import { withoutDataUris } from '../data-uris.js';
import { readXmlPart, relationshipsOf, xmlPieces } from '../office-package.js';
import type { ParserInput } from '../parser-input.js';
import type { Section } from '../section.js';
import { prefixedAttribute, XmlReader } from '../xml-reader.js';
import type { ZipArchive } from '../zip-archive.js';
import { CellFormats } from './cell-formats.js';
import { mergedAreas } from './merge-scan.js';
import { MergedCells } from './merged-cells.js';
import { SheetRows, unescaped, type Workbook } from './sheet-rows.js';
import { TableLines } from './table-lines.js';

interface Sheet {
  readonly name: string;
  readonly part: string;
}

/**
 * XLSX: every sheet that is shown, in its order, one line for each row with the names of its columns, read as it is
 * unpacked. Hidden sheets are left out unless the input asks for them.
 */
export async function* parseXlsx(archive: ZipArchive, mainPart: string, input: ParserInput): AsyncGenerator<Section> {
  const related = await relationshipsOf(archive, mainPart);
  const partOf = (type: string): string | undefined => [...related.values()].find((one) => one.type === type)?.target;
  const sheets: Sheet[] = [];
  let is1904 = false;
  await readXmlPart(archive, mainPart, {
    open: (name, attributes) => {
      if (name === 'workbookPr') is1904 = /^(1|true)$/.test(attributes['date1904'] ?? '');
      const relation = name === 'sheet' ? related.get(prefixedAttribute(attributes, 'id') ?? '') : undefined;
      const isShown = input.hiddenSheets || !/hidden/i.test(attributes['state'] ?? '');
      if (relation?.type === 'worksheet' && isShown) sheets.push({ name: attributes['name'] ?? '', part: relation.target });
    },
  });
  const workbook = {
    is1904,
    texts: await sharedTexts(archive, partOf('sharedStrings')),
    formats: await cellFormats(archive, partOf('styles')),
  };
  yield* sheetSections(archive, workbook, sheets, input);
}

async function* sheetSections(
  archive: ZipArchive,
  workbook: Workbook,
  sheets: readonly Sheet[],
  input: ParserInput,
): AsyncGenerator<Section> {
  const total = sheets.reduce((sum, { part }) => sum + archive.size(part), 1);
  let read = 0;
  for (const { name, part } of sheets) {
    const merged = new MergedCells(await mergedAreas(xmlPieces(archive, part, 'ahead')));
    const lines = new TableLines();
    let text = '';
    const reader = new XmlReader(
      new SheetRows(workbook, merged, (row) => {
        text += lines.add(row);
      }),
    );
    for await (const piece of xmlPieces(archive, part)) {
      reader.write(piece);
      read += piece.length;
      input.onProgress((100 * read) / total);
      if (text !== '') yield { text: withoutDataUris(cleanText(text)), source: { sheet: name } };
      text = '';
    }
    yield { text: withoutDataUris(cleanText(lines.finish())), source: { sheet: name } };
  }
}

/** The texts that cells refer to by number; phonetic guides above Japanese ones are left out. */
async function sharedTexts(archive: ZipArchive, part: string | undefined): Promise<string[]> {
  const texts: string[] = [];
  if (part === undefined || !archive.has(part)) return texts;
  let current = '';
  let isText = false;
  let isGuide = false;
  await readXmlPart(archive, part, {
    open: (name) => {
      if (name === 'si') current = '';
      else if (name === 'rPh') isGuide = true;
      else if (name === 't') isText = true;
    },
    close: (name) => {
      if (name === 'si') texts.push(unescaped(current));
      else if (name === 'rPh') isGuide = false;
      else if (name === 't') isText = false;
    },
    text: (text) => {
      if (isText && !isGuide) current += text;
    },
  });
  return texts;
}

async function cellFormats(archive: ZipArchive, part: string | undefined): Promise<CellFormats> {
  const formats = new CellFormats();
  if (part !== undefined && archive.has(part)) await readXmlPart(archive, part, formats);
  return formats;
}

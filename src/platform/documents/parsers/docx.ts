import mammoth from 'mammoth';
import { readXmlPart, relationshipsOf, xmlPieces } from '../office-package.js';
import type { ParserInput } from '../parser-input.js';
import type { Section } from '../section.js';
import type { ZipArchive } from '../zip-archive.js';
import { ClauseNumbers } from './clause-numbers.js';
import { DocxBody } from './docx-body.js';
import { htmlSections } from './html.js';

/** The form in which mammoth takes an archive that somebody else has opened. */
interface MammothArchive {
  exists(name: string): boolean;
  read(name: string, encoding?: string): Promise<Uint8Array | string>;
}

/**
 * DOCX: headings, paragraphs, lists, tables and notes, as Markdown, with equations and the numbers of clauses. mammoth reads through our archive and so cannot
 * unpack more than the limits allow; pictures are not unpacked at all.
 */
export async function* parseDocx(archive: ZipArchive, mainPart: string, input: ParserInput): AsyncGenerator<Section> {
  const file: MammothArchive = {
    exists: (name) => archive.has(name),
    read: async (name, encoding) => {
      if (name.toLowerCase() === mainPart.toLowerCase()) return mainText(archive, mainPart);
      const bytes = await archive.read(name);
      return encoding === undefined
        ? bytes
        : encoding === 'base64'
          ? bytes.toString('base64')
          : new TextDecoder(encoding).decode(bytes);
    },
  };
  const { value } = await mammoth.convertToHtml({ file } as unknown as Parameters<typeof mammoth.convertToHtml>[0], {
    styleMap: ["p[style-name='Title'] => h1:fresh", "p[style-name='Subtitle'] => p:fresh"],
    convertImage: mammoth.images.imgElement(() => Promise.resolve({ src: '' })),
    externalFileAccess: false,
  });
  input.onProgress(50);
  yield* htmlSections(value);
}

/** The main part as `DocxBody` writes it. */
async function mainText(archive: ZipArchive, mainPart: string): Promise<string> {
  const numbers = new ClauseNumbers();
  for (const { type, target } of (await relationshipsOf(archive, mainPart)).values()) {
    if (!archive.has(target)) continue;
    if (type === 'numbering') await readXmlPart(archive, target, numbers.numberingReader());
    if (type === 'styles') await readXmlPart(archive, target, numbers.styleReader());
  }
  const body = new DocxBody(numbers);
  for await (const piece of xmlPieces(archive, mainPart)) body.write(piece);
  return body.finish();
}

import mammoth from 'mammoth';
import type { ParserInput } from '../parser-input.js';
import type { Section } from '../section.js';
import type { ZipArchive } from '../zip-archive.js';
import { htmlSections } from './html.js';

/** The form in which mammoth takes an archive that somebody else has opened. */
interface MammothArchive {
  exists(name: string): boolean;
  read(name: string, encoding?: string): Promise<Uint8Array | string>;
}

/**
 * DOCX: headings, paragraphs, lists, tables and notes, as Markdown. mammoth reads through our archive and so cannot
 * unpack more than the limits allow; pictures are not unpacked at all.
 */
export async function* parseDocx(archive: ZipArchive, _mainPart: string, input: ParserInput): AsyncGenerator<Section> {
  const file: MammothArchive = {
    exists: (name) => archive.has(name),
    read: async (name, encoding) => {
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

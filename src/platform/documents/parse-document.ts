import { open } from 'node:fs/promises';
import { DocumentFailure } from './document-failure.js';
import type { MediaType } from './media-types.js';
import { officeKind } from './office-package.js';
import type { ParserInput } from './parser-input.js';
import type { Section } from './section.js';
import { ZipArchive } from './zip-archive.js';

type Parser = (input: ParserInput) => AsyncIterable<Section>;

/** Only the parser that is needed is loaded: each child reads one document. */
const parsers: Readonly<Record<MediaType, () => Promise<Parser>>> = {
  'application/pdf': async () => (await import('./parsers/pdf.js')).parsePdf,
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document': () => Promise.resolve(parseOffice),
  'application/vnd.openxmlformats-officedocument.presentationml.presentation': () => Promise.resolve(parseOffice),
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': () => Promise.resolve(parseOffice),
  'text/html': async () => (await import('./parsers/html.js')).parseHtml,
  'text/markdown': async () => (await import('./parsers/markdown.js')).parseMarkdown,
  'text/csv': async () => (await import('./parsers/csv.js')).parseCsv,
  'application/json': async () => (await import('./parsers/json.js')).parseJson,
  'text/plain': async () => (await import('./parsers/plain-text.js')).parsePlainText,
};

const officeParsers = {
  docx: async () => (await import('./parsers/docx.js')).parseDocx,
  pptx: async () => (await import('./parsers/pptx.js')).parsePptx,
  xlsx: async () => (await import('./parsers/xlsx.js')).parseXlsx,
};

/**
 * Reads a document and gives its text piece by piece, in its order. Runs in the child process: it may take all memory,
 * never end or crash.
 * @throws DocumentFailure with the reason when the document cannot be read; what it gave before is then void.
 */
export async function* parseDocument(mediaType: MediaType, input: ParserInput): AsyncGenerator<Section> {
  let length = 0;
  let hasText = false;
  try {
    const parse = await parsers[mediaType]();
    for await (const section of parse(input)) {
      length += section.text.length;
      if (length > input.limits.maxTextLength) throw new DocumentFailure('too_large_uncompressed');
      hasText ||= /\S/.test(section.text);
      if (section.text !== '') yield section;
    }
  } catch (error) {
    throw asFailure(error);
  }
  if (!hasText) throw new DocumentFailure('no_text');
}

/** The office formats are told apart by what is in the archive: the beginning of a file does not always show it. */
async function* parseOffice(input: ParserInput): AsyncGenerator<Section> {
  await refuseOldContainer(input.path);
  const archive = await ZipArchive.open(input.path, input.limits);
  try {
    const { format, mainPart } = await officeKind(archive);
    const parse = await officeParsers[format]();
    yield* parse(archive, mainPart, input);
  } finally {
    archive.close();
  }
}

/** Office keeps a protected document inside the container of its old formats. */
async function refuseOldContainer(path: string): Promise<void> {
  const file = await open(path);
  try {
    const head = Buffer.alloc(8);
    await file.read(head, 0, 8, 0);
    if (head.toString('hex') !== 'd0cf11e0a1b11ae1') return;
    const name = Buffer.from('EncryptedPackage', 'utf16le');
    let tail = Buffer.alloc(0);
    for await (const piece of file.createReadStream({ start: 0, autoClose: false })) {
      const bytes = Buffer.concat([tail, piece as Buffer]);
      if (bytes.includes(name)) throw new DocumentFailure('encrypted_document');
      tail = bytes.subarray(-name.length);
    }
    throw new DocumentFailure('unsupported_type');
  } finally {
    await file.close();
  }
}

/** What a parser throws about a document says that the document is broken, except for an allocation that failed. */
function asFailure(error: unknown): DocumentFailure {
  if (error instanceof DocumentFailure) return error;
  const isMemory = error instanceof RangeError && /invalid (string|array|typed array) ?(buffer )?length|allocation failed/i.test(error.message);
  return new DocumentFailure(isMemory ? 'parse_memory' : 'damaged_file', { cause: error });
}

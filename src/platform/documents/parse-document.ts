import { DocumentFailure } from './document-failure.js';
import type { ParserInput } from './parser-input.js';
import type { DocumentForm } from './reader-replies.js';
import type { Section } from './section.js';

type Parser = (input: ParserInput) => AsyncIterable<Section>;

const office = async (): Promise<Parser> => (await import('./parsers/office.js')).parseOffice;

/** Only the parser that is needed is loaded: each child reads one document. */
const parsers: Readonly<Record<DocumentForm, () => Promise<Parser>>> = {
  'application/pdf': async () => (await import('./parsers/pdf.js')).parsePdf,
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document': office,
  'application/vnd.openxmlformats-officedocument.presentationml.presentation': office,
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': office,
  'text/html': async () => (await import('./parsers/html.js')).parseHtml,
  'text/markdown': async () => (await import('./parsers/markdown.js')).parseMarkdown,
  'text/csv': async () => (await import('./parsers/csv.js')).parseCsv,
  'application/json': async () => (await import('./parsers/json.js')).parseJson,
  'gt/tika-html': async () => (await import('./parsers/tika-reply.js')).parseTikaReply,
  'gt/docling-json': async () => (await import('./parsers/docling-reply.js')).parseDoclingReply,
  'text/plain': async () => (await import('./parsers/plain-text.js')).parsePlainText,
};

/**
 * Reads a document and gives its text piece by piece, in its order. Runs in the child process: it may take all memory,
 * never end or crash.
 * @throws DocumentFailure with the reason when the document cannot be read; what it gave before is then void.
 */
export async function* parseDocument(mediaType: DocumentForm, input: ParserInput): AsyncGenerator<Section> {
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

/** What a parser throws about a document says that the document is broken, except for an allocation that failed. */
function asFailure(error: unknown): DocumentFailure {
  if (error instanceof DocumentFailure) return error;
  // What the file system says is no fault of the document.
  if (error instanceof Error && 'syscall' in error) throw error;
  const isMemory =
    error instanceof RangeError && /invalid (string|array|typed array) ?(buffer )?length|allocation failed/i.test(error.message);
  return new DocumentFailure(isMemory ? 'parse_memory' : 'damaged_file', { cause: error });
}

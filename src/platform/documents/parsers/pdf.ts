import { open, type FileHandle } from 'node:fs/promises';
import { getDocumentProxy, getResolvedPDFJS } from 'unpdf';
import { cleanText, joinHyphenated } from '../clean-text.js';
import { DocumentFailure } from '../document-failure.js';
import type { ParserInput } from '../parser-input.js';
import type { Section } from '../section.js';
import { addIteratorHelpers } from './iterator-helpers.js';
import { PdfDataFiles } from './pdf-data-files.js';
import { annotationText, type PdfAnnotation } from './pdf-annotations.js';
import { pageText, type TextItem } from './pdf-lines.js';

type Pdf = Awaited<ReturnType<typeof getDocumentProxy>>;

const options = {
  rangeChunkSize: 256 * 1024,
  disableStream: true,
  disableAutoFetch: true,
  BinaryDataFactory: PdfDataFiles,
  useWorkerFetch: false,
  verbosity: 0,
};

/**
 * PDF: the text of every page in reading order, then the values of its form fields and its notes. The file is read where pdf.js asks for it, so that a large PDF of
 * pictures costs little memory.
 * @throws DocumentFailure encrypted_pdf, damaged_file.
 */
export async function* parsePdf(input: ParserInput): AsyncGenerator<Section> {
  const file = await open(input.path);
  try {
    const pdf = await openPdf(file);
    for (let number = 1; number <= pdf.numPages; number += 1) {
      yield { text: joinHyphenated(cleanText(await textOfPage(pdf, number))), source: { page: number } };
      input.onProgress((100 * number) / pdf.numPages);
    }
    await pdf.destroy();
  } finally {
    await file.close();
  }
}

async function openPdf(file: FileHandle): Promise<Pdf> {
  addIteratorHelpers();
  const { PDFDataRangeTransport } = await getResolvedPDFJS();
  const { size } = await file.stat();
  const range = new PDFDataRangeTransport(size, null);
  range.requestDataRange = (begin: number, end: number) => {
    const piece = new Uint8Array(end - begin);
    file.read(piece, 0, piece.length, begin).then(
      ({ bytesRead }) => range.onDataRange(begin, piece.subarray(0, bytesRead)),
      () => range.abort(),
    );
  };
  try {
    return await getDocumentProxy(undefined, { ...options, range });
  } catch (error) {
    const isLocked = error instanceof Error && error.name === 'PasswordException';
    throw new DocumentFailure(isLocked ? 'encrypted_pdf' : 'damaged_file', { cause: error });
  }
}

async function textOfPage(pdf: Pdf, number: number): Promise<string> {
  const page = await pdf.getPage(number);
  const { items } = await page.getTextContent();
  const annotations = annotationText((await page.getAnnotations()) as PdfAnnotation[]);
  page.cleanup();
  return pageText(items.filter((item): item is (typeof items)[number] & TextItem => 'str' in item)) + annotations;
}

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
import { rangeOf } from './pdf-range.js';
import { ScanReader } from './scan-reader.js';

type Pdf = Awaited<ReturnType<typeof getDocumentProxy>>;

const options = {
  rangeChunkSize: 256 * 1024,
  disableStream: true,
  disableAutoFetch: true,
  BinaryDataFactory: PdfDataFiles,
  useWorkerFetch: false,
  verbosity: 0,
};

/** A page with fewer letters and digits may be a scan with a stamp or a page number on it. */
const fewLetters = 20;

/**
 * PDF: the text of every page in reading order, then the values of its form fields and its notes. The file is read where pdf.js asks for it, so that a large PDF of
 * pictures costs little memory. Where text recognition is on, a page with hardly any text is read as a picture too.
 * @throws DocumentFailure encrypted_pdf, damaged_file; scanned_pages when it is only asked whether there are such pages; too_many_scans.
 */
export async function* parsePdf(input: ParserInput): AsyncGenerator<Section> {
  const file = await open(input.path);
  const scans = new ScanReader(file, input);
  try {
    const pdf = await openPdf(file);
    for (let number = 1; number <= pdf.numPages; number += 1) {
      const text = await textOfPage(pdf, number);
      const recognized = isEmpty(text) ? await scans.textOf(number) : '';
      yield { text: joinHyphenated(cleanText(text + recognized)), source: { page: number } };
      input.onProgress((100 * number) / pdf.numPages);
    }
    scans.tellWhatIsLeft();
    await pdf.destroy();
  } finally {
    await scans.close();
    await file.close();
  }
}

function isEmpty(text: string): boolean {
  return (text.match(/[\p{L}\p{N}]/gu)?.length ?? 0) < fewLetters;
}

async function openPdf(file: FileHandle): Promise<Pdf> {
  addIteratorHelpers();
  const { PDFDataRangeTransport } = await getResolvedPDFJS();
  const range = await rangeOf(file, PDFDataRangeTransport);
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

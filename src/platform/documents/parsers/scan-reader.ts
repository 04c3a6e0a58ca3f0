import type { FileHandle } from 'node:fs/promises';
import { DocumentFailure } from '../document-failure.js';
import type { ParserInput } from '../parser-input.js';
import type { PdfScans } from './pdf-scans.js';
import type { TextRecognition } from './text-recognition.js';

/** So many pages of one PDF may be scans: at a few seconds each, more would outlast the time that a document has. */
const mostScans = 500;

/** Reads the pages of a PDF that have no text, as far as that is wanted. What it needs is loaded with the first of them. */
export class ScanReader {
  private count = 0;
  private scans: PdfScans | undefined;
  private recognition: TextRecognition | undefined;

  constructor(
    private readonly file: FileHandle,
    private readonly input: Pick<ParserInput, 'path' | 'recognition' | 'onAlive'>,
  ) {}

  /** The text of a page without text of its own; empty when it is no scan, and when nothing is recognized. */
  async textOf(page: number): Promise<string> {
    const { recognition } = this.input;
    if (recognition === undefined) return '';
    this.count += 1;
    if (this.count > mostScans) throw new DocumentFailure('too_many_scans');
    if (recognition === 'ask') return '';
    this.scans ??= await (await import('./pdf-scans.js')).PdfScans.open(this.file);
    const scan = await this.scans.page(page);
    this.input.onAlive();
    if (scan === undefined) return '';
    this.recognition ??= await this.start(recognition);
    const text = (await this.recognition.read(scan)).trim();
    this.input.onAlive();
    return text === '' ? '' : `${text}\n\n`;
  }

  /** @throws DocumentFailure scanned_pages when it is only asked whether there are any, and there are. */
  tellWhatIsLeft(): void {
    if (this.input.recognition === 'ask' && this.count > 0) throw new DocumentFailure('scanned_pages');
  }

  async close(): Promise<void> {
    await this.recognition?.close();
    await this.scans?.close();
  }

  private async start(languages: Readonly<Record<string, string>>): Promise<TextRecognition> {
    const { TextRecognition } = await import('./text-recognition.js');
    return TextRecognition.start({ languages, folder: `${this.input.path}.languages`, onAlive: this.input.onAlive });
  }
}

import { mkdir, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Worker as Tesseract } from 'tesseract.js';
import { DocumentFailure } from '../document-failure.js';
import type { ScannedPage } from './pdf-scans.js';

/** Which languages a document may be in, and how its reader is told that it gets on. */
export interface RecognitionSettings {
  /** The file of each language's data, by the language's name. */
  readonly languages: Readonly<Record<string, string>>;
  /** A folder that does not exist yet; it is made for a moment. */
  readonly folder: string;
  readonly onAlive: () => void;
}

/** Tesseract's number for its newer engine, the one that the data is for. */
const neuralEngine = 1;
/** How long it may take to read its data, in milliseconds. */
const startMs = 60_000;
/** Its numbers for a page of which nothing is known: columns, tables, pictures between them. */
const anyLayout = '3';

/**
 * Reads the text of pictures with Tesseract, compiled to WebAssembly, in a thread of this process. Its data is read from the disk;
 * nothing is fetched, and nothing kept.
 */
export class TextRecognition {
  private constructor(private readonly tesseract: Tesseract) {}

  /** @throws DocumentFailure ocr_unavailable when the package or a language's data is not there or no good. */
  static async start({ languages, folder, onAlive }: RecognitionSettings): Promise<TextRecognition> {
    // Threads write to process.stdout, which is the wire to the parent here.
    Object.defineProperty(process, 'stdout', { value: process.stderr });
    await mkdir(folder, { mode: 0o700 });
    let fail: (error: unknown) => void = () => undefined;
    const failed = new Promise<never>((_resolve, reject) => (fail = reject));
    const timer = setTimeout(() => fail(new Error('Tesseract does not start.')), startMs);
    try {
      const { createWorker } = (await import('tesseract.js')).default;
      // It wants all data in one folder. Whether a file is packed it sees itself.
      for (const [language, file] of Object.entries(languages)) await symlink(file, join(folder, `${language}.traineddata.gz`));
      const options = { langPath: folder, cacheMethod: 'none', logger: onAlive, errorHandler: fail };
      return new TextRecognition(await Promise.race([failed, createWorker(Object.keys(languages), neuralEngine, options)]));
    } catch (error) {
      throw new DocumentFailure('ocr_unavailable', { cause: error });
    } finally {
      clearTimeout(timer);
      await rm(folder, { recursive: true, force: true });
    }
  }

  /** The text of a page, in the order in which it is read; empty when there is none. */
  async read({ width, height, shades, dotsPerInch }: ScannedPage): Promise<string> {
    await this.tesseract.setParameters({ tessedit_pageseg_mode: anyLayout as never, user_defined_dpi: String(dotsPerInch) });
    const picture = Buffer.concat([Buffer.from(`P5\n${width} ${height}\n255\n`), shades]);
    const { data } = await this.tesseract.recognize(picture);
    return data.text;
  }

  async close(): Promise<void> {
    await this.tesseract.terminate();
  }
}

import { mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DocumentFailure } from '../../src/platform/documents/document-failure.js';
import { DocumentParser, type DocumentParserOptions, type ParseCall } from '../../src/platform/documents/document-parser.js';
import { sniffedBytes, sniffMediaType, type MediaType } from '../../src/platform/documents/media-types.js';
import type { Section } from '../../src/platform/documents/section.js';
import { compileSource } from './compile-source.js';
import { runFolder } from './postgres.js';

export const docx = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document';

/** Stores, judges and reads documents as the platform does, with the child program made of the sources as they are. */
export class DocumentReading {
  /** Reads all documents that are read without options, so that each is read after others. */
  private readonly usual: DocumentParser;

  private constructor(
    readonly folder: string,
    /** The compiled sources: what a program of its own imports. */
    readonly compiled: string,
  ) {
    this.usual = new DocumentParser({ childFile: this.childFile });
  }

  static async prepare(): Promise<DocumentReading> {
    const folder = await mkdtemp(join(runFolder(), 'documents-'));
    const compiled = join(folder, 'compiled');
    await compileSource(compiled, ['platform/documents', 'platform/documents/parsers', 'platform/tokens']);
    return new DocumentReading(folder, compiled);
  }

  /** The program of the children. */
  get childFile(): string {
    return join(this.compiled, 'platform/documents/child.js');
  }

  /** A parser with these options; its children read one document unless the options say more. */
  parser(options: Partial<DocumentParserOptions> = {}): DocumentParser {
    if (Object.keys(options).length === 0) return this.usual;
    return new DocumentParser({ childFile: this.childFile, maxDocuments: 1, ...options });
  }

  async save(name: string, content: Buffer | string): Promise<string> {
    const path = join(this.folder, name);
    await writeFile(path, content);
    return path;
  }

  async sectionsOf(
    path: string,
    mediaType: MediaType,
    options: Partial<DocumentParserOptions> = {},
    call: ParseCall = {},
  ): Promise<Section[]> {
    const sections: Section[] = [];
    for await (const section of this.parser(options).parse(path, mediaType, call)) sections.push(section);
    return sections;
  }

  /** @throws Error with the refusal when the file would not be taken at all. */
  async read(name: string, content: Buffer | string, options: Partial<DocumentParserOptions> = {}): Promise<Section[]> {
    const sniffed = await sniffMediaType(Buffer.from(content).subarray(0, sniffedBytes), name);
    if ('refused' in sniffed) throw new Error(sniffed.refused);
    return this.sectionsOf(await this.save(name, content), sniffed.mediaType, options);
  }
}

/**
 * The code with which reading fails.
 * @throws Error when it does not fail, or not with a `DocumentFailure`.
 */
export async function failureOf(reading: Promise<unknown>): Promise<string> {
  const error: unknown = await reading.then(
    () => new Error('The document was read.'),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof DocumentFailure)) throw error;
  return error.code;
}

/** The whole text of a document. */
export function textOf(sections: readonly Section[]): string {
  return sections.map(({ text }) => text).join('');
}

import { Injectable } from '@nestjs/common';
import { rm } from 'node:fs/promises';
import { Config } from '../../../config/config.module.js';
import { DocumentReader } from '../../../platform/document-reader/document-reader.js';
import type { Chunk } from '../../../platform/documents/chunker.js';
import { DocumentFailure, type DocumentFailureCode } from '../../../platform/documents/document-failure.js';
import { DocumentParser } from '../../../platform/documents/document-parser.js';
import { isMediaType } from '../../../platform/documents/media-types.js';
import { ocrLanguageFiles } from '../../../platform/documents/ocr-languages.js';
import type { Recognition } from '../../../platform/documents/parser-input.js';
import type { DocumentForm } from '../../../platform/documents/reader-replies.js';
import type { ClaimedFile } from '../record/file-record.js';
import type { FileSettings } from './embedding-target.js';
import type { FileRun } from './file-run.js';
import { FileFailure } from './file-steps.js';
import type { NewChunk } from './passages.repository.js';
import type { SlowPlace } from './slow-places.js';
import { WorkCopies } from './work-copies.js';

/** More passages than this would not fit into a worker's memory with their vectors. */
const maxChunks = 50_000;

/** One file that is being read, and for what. */
interface Reading {
  readonly run: FileRun;
  readonly settings: FileSettings;
  readonly place: SlowPlace;
  /** The copy of its content. */
  readonly path: string;
}

/**
 * Reads a file and cuts it into passages, in the parser's process. What the parser does not know, and a PDF in which it finds no
 * text, goes to the document reader where there is one, and its answer through the parser. A dataset that names languages has the
 * text of its scanned pages recognized here, and sends no PDF to the reader.
 */
@Injectable()
export class PassageReader {
  constructor(
    private readonly copies: WorkCopies,
    private readonly parser: DocumentParser,
    private readonly reader: DocumentReader,
    private readonly config: Config,
  ) {}

  /** @throws DocumentFailure, FileFailure, ReaderUnavailableError, JobLaterError, AppError, or the run's reason. */
  async read(run: FileRun, settings: FileSettings, place: SlowPlace): Promise<NewChunk[]> {
    try {
      return await this.chunksOf(run, settings, place);
    } catch (error) {
      if (!isFailure(error, 'no_text')) throw error;
      throw new DocumentFailure('no_text', { hint: hintOf(run.file), cause: error });
    }
  }

  private async chunksOf(run: FileRun, settings: FileSettings, place: SlowPlace): Promise<NewChunk[]> {
    const chunks: NewChunk[] = [];
    await this.copies.with(run.file, run.signal, async (path) => {
      for await (const { text, tokens, source } of this.passages({ run, settings, place, path })) {
        if (chunks.length === maxChunks) {
          throw new FileFailure(
            'too_many_passages',
            `The file gives more than ${maxChunks} passages. Split it and upload the parts.`,
          );
        }
        chunks.push({ text, tokens, source });
      }
    });
    if (chunks.length === 0) throw new DocumentFailure('no_text');
    return chunks;
  }

  private async *passages(reading: Reading): AsyncGenerator<Chunk> {
    const { mediaType } = reading.run.file;
    const languages = reading.settings.ocrLanguages;
    if (!isMediaType(mediaType)) yield* this.byReader(reading, 'unsupported_type');
    else if (mediaType !== 'application/pdf') yield* this.parse(reading, mediaType);
    else if (languages.length > 0) yield* this.withRecognition(reading, languages);
    else yield* this.orByReader(reading);
  }

  private async *orByReader(reading: Reading): AsyncGenerator<Chunk> {
    try {
      yield* this.parse(reading, 'application/pdf');
    } catch (error) {
      if (!isFailure(error, 'no_text')) throw error;
      yield* this.byReader(reading, 'no_text');
    }
  }

  /** A PDF without scanned pages is read at once, and takes no place of slow files. */
  private async *withRecognition(reading: Reading, languages: readonly string[]): AsyncGenerator<Chunk> {
    const chunks: Chunk[] = [];
    try {
      for await (const chunk of this.parse(reading, 'application/pdf', 'ask')) {
        if (chunks.push(chunk) > maxChunks) break;
      }
    } catch (error) {
      if (!isFailure(error, 'scanned_pages')) throw error;
      chunks.length = 0;
      await reading.place.take();
      const { files, missing } = await ocrLanguageFiles(languages, this.config.GT_TESSERACT_DATA);
      if (missing.length > 0) throw new DocumentFailure('ocr_unavailable');
      yield* this.parse(reading, 'application/pdf', files);
    }
    yield* chunks;
  }

  /** @param without why the file fails where there is no reader. */
  private async *byReader(reading: Reading, without: DocumentFailureCode): AsyncGenerator<Chunk> {
    const { path, place, run } = reading;
    if (!this.reader.isSet) throw new DocumentFailure(without);
    await place.take();
    const replyPath = `${path}.reply`;
    try {
      const form = await this.reader.read(path, run.file.filename, replyPath, run.signal);
      yield* this.parse({ ...reading, path: replyPath }, form);
    } finally {
      await rm(replyPath, { force: true });
    }
  }

  private parse({ path, run, settings }: Reading, form: DocumentForm, recognition?: Recognition): AsyncGenerator<Chunk> {
    const { chunkTokens, overlapTokens, hiddenSheets } = settings;
    const call = {
      owner: run.file.tenantId,
      signal: run.signal,
      onProgress: (percent: number) => run.progress(percent),
      hiddenSheets,
      recognition,
    };
    return this.parser.chunks(path, form, { chunkTokens, overlapTokens }, call);
  }
}

/** How scanned pages can be read, for a PDF without text. */
function hintOf({ mediaType, dataset }: ClaimedFile): string | undefined {
  if (mediaType !== 'application/pdf') return undefined;
  if (dataset?.kind !== 'dataset')
    return 'Vector stores and conversations recognize no text of scanned pages; a dataset with ocr_languages does.';
  if (dataset.ocrLanguages.length > 0) return undefined;
  return 'Scanned pages are read where text recognition is on: an administrator sets ocr_languages of the dataset.';
}

function isFailure(error: unknown, code: DocumentFailureCode): boolean {
  return error instanceof DocumentFailure && error.code === code;
}

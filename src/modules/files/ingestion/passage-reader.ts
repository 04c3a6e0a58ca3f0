import { Injectable } from '@nestjs/common';
import { rm } from 'node:fs/promises';
import { DocumentReader } from '../../../platform/document-reader/document-reader.js';
import type { Chunk } from '../../../platform/documents/chunker.js';
import { DocumentFailure } from '../../../platform/documents/document-failure.js';
import { DocumentParser } from '../../../platform/documents/document-parser.js';
import { isMediaType } from '../../../platform/documents/media-types.js';
import type { DocumentForm } from '../../../platform/documents/reader-replies.js';
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
 * text, goes to the document reader where there is one, and its answer through the parser.
 */
@Injectable()
export class PassageReader {
  constructor(
    private readonly copies: WorkCopies,
    private readonly parser: DocumentParser,
    private readonly reader: DocumentReader,
  ) {}

  /** @throws DocumentFailure, FileFailure, ReaderUnavailableError, JobLaterError, AppError, or the run's reason. */
  async read(run: FileRun, settings: FileSettings, place: SlowPlace): Promise<NewChunk[]> {
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
    if (!isMediaType(mediaType)) {
      if (!this.reader.isSet) throw new DocumentFailure('unsupported_type');
      yield* this.byReader(reading);
      return;
    }
    try {
      yield* this.parse(reading, mediaType);
    } catch (error) {
      const isScan = error instanceof DocumentFailure && error.code === 'no_text' && mediaType === 'application/pdf';
      if (!isScan || !this.reader.isSet) throw error;
      yield* this.byReader(reading);
    }
  }

  private async *byReader(reading: Reading): AsyncGenerator<Chunk> {
    const { path, place, run } = reading;
    await place.take();
    const replyPath = `${path}.reply`;
    try {
      const form = await this.reader.read(path, run.file.filename, replyPath, run.signal);
      yield* this.parse({ ...reading, path: replyPath }, form);
    } finally {
      await rm(replyPath, { force: true });
    }
  }

  private parse({ path, run, settings }: Reading, form: DocumentForm): AsyncGenerator<Chunk> {
    const { chunkTokens, overlapTokens, hiddenSheets } = settings;
    const call = {
      owner: run.file.tenantId,
      signal: run.signal,
      onProgress: (percent: number) => run.progress(percent),
      hiddenSheets,
    };
    return this.parser.chunks(path, form, { chunkTokens, overlapTokens }, call);
  }
}

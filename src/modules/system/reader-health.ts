import { Injectable } from '@nestjs/common';
import { Config } from '../../config/config.module.js';
import { DocumentReader } from '../../platform/document-reader/document-reader.js';

/** How the operator's document reader stands. */
export interface ReaderState {
  readonly kind: 'tika' | 'docling';
  readonly answers: boolean;
}

/** How long an answer counts, in milliseconds: anyone may ask how the platform is, and the reader has other work. */
const freshMs = 10_000;

/** Whether the document reader answers, asked at most every ten seconds. */
@Injectable()
export class ReaderHealth {
  private asked: { readonly at: number; readonly answers: Promise<boolean> } | undefined;

  constructor(
    private readonly reader: DocumentReader,
    private readonly config: Config,
  ) {}

  /** Null where there is no reader. */
  async state(): Promise<ReaderState | null> {
    if (!this.reader.isSet) return null;
    if (this.asked === undefined || performance.now() - this.asked.at > freshMs)
      this.asked = { at: performance.now(), answers: this.reader.answers() };
    return { kind: this.config.GT_DOCUMENT_READER_KIND, answers: await this.asked.answers };
  }
}

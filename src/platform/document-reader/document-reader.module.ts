import { Module } from '@nestjs/common';
import { DocumentReader } from './document-reader.js';

/** The operator's own document reader. */
@Module({ providers: [DocumentReader], exports: [DocumentReader] })
export class DocumentReaderModule {}

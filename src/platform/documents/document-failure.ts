import { readableTypes } from './media-types.js';

/** Why a document could not be read, as a sentence for the person who uploaded it. The codes stand in the file object. */
export const documentFailures = {
  encrypted_pdf: 'The PDF is protected by a password. Remove the protection and upload it again.',
  encrypted_document: 'The document is protected by a password. Remove the protection and upload it again.',
  too_large_uncompressed: 'The document is too large once it is unpacked. Split it and upload the parts.',
  too_many_entries: 'The document consists of too many parts to be opened safely.',
  compression_ratio: 'The document is packed far more tightly than a real document is, so it was not opened.',
  no_text: 'The file holds no text that can be read.',
  scanned_pages: 'Pages of the PDF are scans.',
  too_many_scans: 'The PDF has more than 500 scanned pages. Split it and upload the parts.',
  ocr_unavailable: 'Text recognition in the languages of this dataset is not installed here. Ask your administrator.',
  reader_failed: 'The document reader of this platform could do nothing with the file.',
  reader_too_large: 'The file is larger than what the document reader of this platform takes. Split it and upload the parts.',
  unsupported_type: `The content of the file is of a type that is not supported. ${readableTypes}`,
  damaged_file: 'The file is damaged or incomplete and could not be read.',
  parse_timeout: 'Reading the document took too long and was stopped.',
  parse_memory: 'Reading the document needed too much memory and was stopped.',
  parser_crashed: 'Reading the document failed unexpectedly.',
} as const;

export type DocumentFailureCode = keyof typeof documentFailures;

/** A document that cannot be read, for a reason that lies in the document. `cause` is for the log, never for a reply. */
export class DocumentFailure extends Error {
  constructor(
    readonly code: DocumentFailureCode,
    { hint, ...options }: ErrorOptions & { /** What else helps, as a sentence. */ readonly hint?: string } = {},
  ) {
    super(hint === undefined ? documentFailures[code] : `${documentFailures[code]} ${hint}`, options);
    this.name = 'DocumentFailure';
  }
}

/**
 * The document reader gave no answer that can be used: it is away, busy, too slow, or something else answers in its place.
 * This may pass. The message is a sentence for the person who uploaded the document.
 */
export class ReaderUnavailableError extends Error {
  override readonly name = 'ReaderUnavailableError';
  readonly code = 'reader_unavailable';

  /** @param why what happened, in words that name no address: for the log. */
  constructor(readonly why: string) {
    super('The document reader of this platform did not answer. Process the file again later, or ask your administrator.');
  }
}

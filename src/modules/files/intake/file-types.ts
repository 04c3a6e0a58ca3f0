import type { Config } from '../../../config/load-config.js';
import type { FilePurpose } from '../../../contracts/files.js';
import { AppError } from '../../../kernel/app-error.js';
import { isMediaType, mediaTypes, sniffMediaType } from '../../../platform/documents/media-types.js';

type ReaderSetting = Pick<Config, 'GT_DOCUMENT_READER_URL'>;

/** The media types of files that are taken, for the list of upload targets; with a document reader all others too. */
export function acceptedMediaTypes({ GT_DOCUMENT_READER_URL }: ReaderSetting): readonly string[] {
  return [...Object.keys(mediaTypes), ...(GT_DOCUMENT_READER_URL === undefined ? [] : ['*/*'])];
}

/**
 * What a file is by its first bytes; its name decides only where they allow several.
 * @throws AppError unsupported_media_type with a sentence that names the types that are taken, where no document reader takes
 * the others.
 */
export async function acceptedMediaType(
  head: Uint8Array,
  filename: string,
  { GT_DOCUMENT_READER_URL }: ReaderSetting,
): Promise<string> {
  const sniffed = await sniffMediaType(head, filename);
  if ('mediaType' in sniffed) return sniffed.mediaType;
  if (GT_DOCUMENT_READER_URL !== undefined) return sniffed.otherType;
  throw new AppError('unsupported_media_type', { param: 'file', message: sniffed.refused });
}

/** How many of a file's first bytes are needed to tell its type. */
export const typeBytes = 4_100;

/** What any file is by its first bytes; its name decides only where they allow several. Files of the tenant may be of every type. */
export async function anyMediaType(head: Uint8Array, filename: string): Promise<string> {
  const sniffed = await sniffMediaType(head, filename);
  return 'mediaType' in sniffed ? sniffed.mediaType : sniffed.otherType;
}

const ofLines: ReadonlySet<FilePurpose> = new Set(['batch', 'fine-tune', 'evals']);

/** @throws AppError unsupported_media_type for a file that cannot be the JSON lines that its purpose asks for. */
export function refuseForPurpose(purpose: FilePurpose, mediaType: string): void {
  if (!ofLines.has(purpose) || (isMediaType(mediaType) && mediaTypes[mediaType].isText)) return;
  throw new AppError('unsupported_media_type', {
    param: 'file',
    message: `A file of the purpose ${purpose} has JSON lines (.jsonl); this one is of the type ${mediaType}.`,
  });
}

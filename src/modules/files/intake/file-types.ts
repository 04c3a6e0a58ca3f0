import { AppError } from '../../../kernel/app-error.js';
import { mediaTypes, sniffMediaType } from '../../../platform/documents/media-types.js';

/** The media types of files that are taken, for the list of upload targets. */
export const acceptedMediaTypes: readonly string[] = Object.keys(mediaTypes);

/**
 * What a file is by its first bytes; its name decides only where they allow several.
 * @throws AppError unsupported_media_type with a sentence that names the types that are taken.
 */
export async function acceptedMediaType(head: Uint8Array, filename: string): Promise<string> {
  const sniffed = await sniffMediaType(head, filename);
  if ('mediaType' in sniffed) return sniffed.mediaType;
  throw new AppError('unsupported_media_type', { param: 'file', message: sniffed.refused });
}

import type { Fields } from '../../../kernel/fields.js';
import type { ReadableFile } from '../../files/reading/readable-files.service.js';

type File = Pick<ReadableFile, 'filename' | 'mediaType' | 'bytes' | 'textBytes'>;

const pdf = 'application/pdf';

/**
 * True for a file whose bytes go to the provider: an image, and a PDF where the wire is OpenAI's own. Chat has no form for
 * documents that every provider of it knows, so they go as their text.
 */
export function isSentAsBytes({ mediaType }: Pick<File, 'mediaType'>, wire: string): boolean {
  return mediaType.startsWith('image/') || (mediaType === pdf && wire !== 'chat');
}

/** About how many bytes of a request the file takes. */
export function encodedBytes(file: File, wire: string): number {
  return isSentAsBytes(file, wire) ? Math.ceil(file.bytes / 3) * 4 : file.textBytes;
}

/** The file as a part, in the form of items. @param content its bytes, or its text. */
export function filePart({ filename, mediaType }: File, content: Buffer | string): Fields {
  if (typeof content === 'string') return { type: 'input_text', text: `File ${JSON.stringify(filename)}:\n\n${content}` };
  const data = `data:${mediaType};base64,${content.toString('base64')}`;
  return mediaType === pdf
    ? { type: 'input_file', filename, file_data: data }
    : { type: 'input_image', image_url: data, detail: 'auto' };
}

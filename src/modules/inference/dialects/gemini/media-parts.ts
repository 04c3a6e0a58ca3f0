import type { Fields } from '../../../../kernel/fields.js';
import { unsupported } from '../../call/request-body.js';
import type { AskedData, AskedPart } from '../asked/asked-chat.js';
import type { GeminiModel } from './gemini-model.js';

type AskedAddress = Extract<AskedPart, { is: 'address' }>;

/** Google's own names of media types that have another one elsewhere. */
const ownNames: Readonly<Record<string, string>> = {
  'audio/mpeg': 'audio/mp3',
  'audio/x-wav': 'audio/wav',
  'image/jpg': 'image/jpeg',
};

/** What Gemini fetches of the web, by the end of its address: it wants to be told the media type. */
const fetched = new Map([
  ['bmp', 'image/bmp'],
  ['jpeg', 'image/jpeg'],
  ['jpg', 'image/jpeg'],
  ['png', 'image/png'],
  ['webp', 'image/webp'],
  ['pdf', 'application/pdf'],
  ['json', 'application/json'],
  ['css', 'text/css'],
  ['csv', 'text/csv'],
  ['htm', 'text/html'],
  ['html', 'text/html'],
  ['rtf', 'text/rtf'],
  ['txt', 'text/plain'],
  ['xml', 'text/xml'],
]);

const filesOfGoogle = 'https://generativelanguage.googleapis.com/v1beta/files/';
const videos = /^https:\/\/(?:(?:www\.)?youtube\.com\/watch\?|youtu\.be\/)/;

/** Bytes of the request: images, PDFs, sound, texts. */
export function dataPart({ mediaType, base64 }: AskedData): Fields {
  return { inlineData: { mimeType: ownNames[mediaType] ?? mediaType, data: base64 } };
}

/**
 * An address that Gemini reads itself: a file that was uploaded to Google, a video of YouTube, and from Gemini 2.5 on each
 * `https` address whose end tells its media type.
 * @throws AppError unsupported_parameter for any other.
 */
export function addressPart({ url, place }: AskedAddress, { generation }: GeminiModel): Fields {
  if (url.startsWith(filesOfGoogle) || videos.test(url)) return { fileData: { fileUri: url } };
  const mimeType = generation === '2.5' || generation === '3' ? mediaTypeOf(url) : undefined;
  if (mimeType === undefined)
    throw unsupported(
      place,
      `Unsupported parameter: '${place}': the provider does not fetch this address. Send the data itself.`,
    );
  return { fileData: { mimeType, fileUri: url } };
}

function mediaTypeOf(url: string): string | undefined {
  if (!/^https:/i.test(url) || !URL.canParse(url)) return undefined;
  const end = /\.(\w+)$/.exec(new URL(url).pathname)?.[1];
  return end === undefined ? undefined : fetched.get(end.toLowerCase());
}

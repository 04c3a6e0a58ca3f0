import type { Fields } from '../../../../kernel/fields.js';
import { notFetchedHere } from '../../call/request-body.js';
import type { AskedData, AskedPart } from '../asked/asked-chat.js';
import type { ChatAddress } from '../asked/chat-addresses.js';
import { usualTypes } from '../asked/taken-types.js';
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

/** Gemini reads no animations. */
const images: ReadonlySet<string> = new Set(['image/jpeg', 'image/png', 'image/webp']);

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
export function addressPart({ url, place }: AskedAddress, model: GeminiModel): Fields {
  const fileData = fileDataOf(url, model);
  if (fileData === undefined) throw notFetchedHere(place);
  return { fileData };
}

/** The media types that Gemini is given in the place of an address that it does not read itself. */
export function typesInPlace(address: ChatAddress, model: GeminiModel): ReadonlySet<string> | undefined {
  if (!address.inResult && fileDataOf(address.url, model) !== undefined) return undefined;
  return address.of === 'image' ? images : usualTypes(address);
}

function fileDataOf(url: string, { generation }: GeminiModel): Fields | undefined {
  if (url.startsWith(filesOfGoogle) || videos.test(url)) return { fileUri: url };
  const mimeType = generation === '2.5' || generation === '3' ? mediaTypeOf(url) : undefined;
  return mimeType === undefined ? undefined : { mimeType, fileUri: url };
}

function mediaTypeOf(url: string): string | undefined {
  if (!/^https:/i.test(url) || !URL.canParse(url)) return undefined;
  const end = /\.(\w+)$/.exec(new URL(url).pathname)?.[1];
  return end === undefined ? undefined : fetched.get(end.toLowerCase());
}

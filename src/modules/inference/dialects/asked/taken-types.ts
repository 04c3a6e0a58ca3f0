import type { ChatAddress } from './chat-addresses.js';

const images: ReadonlySet<string> = new Set(['image/jpeg', 'image/png', 'image/gif', 'image/webp']);
const documents: ReadonlySet<string> = new Set(['application/pdf']);

/** The media types that may stand in the place of an address, where a wire takes all of them. */
export function usualTypes({ of }: Pick<ChatAddress, 'of'>): ReadonlySet<string> {
  return of === 'image' ? images : documents;
}

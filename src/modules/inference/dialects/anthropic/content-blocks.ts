import type { Fields } from '../../../../kernel/fields.js';
import { unsupported } from '../../call/request-body.js';
import type { AskedData, AskedPart } from '../asked/asked-chat.js';

/** What a user or a tool says. */
export type SaidPart = Extract<AskedPart, { is: 'text' | 'address' }> | AskedData;

const imageTypes = new Set(['image/jpeg', 'image/png', 'image/gif', 'image/webp']);
const textTypes = /^(?:text\/.+|application\/(?:json|xml|yaml|x-yaml|x-ndjson|javascript))$/;

/** The blocks that say the parts. Blank texts are left out: this wire refuses them. @throws AppError unsupported_parameter. */
export function blocksOf(parts: readonly SaidPart[]): Fields[] {
  return parts.flatMap((part) => {
    if (part.is === 'text') return textBlocks(part.text);
    return part.is === 'address' ? [addressBlock(part)] : dataBlocks(part);
  });
}

/** A text as a block; none for a blank one. */
export function textBlocks(text: string): Fields[] {
  return /\S/.test(text) ? [{ type: 'text', text }] : [];
}

function addressBlock({ url, of }: Extract<AskedPart, { is: 'address' }>): Fields {
  return { type: of === 'image' ? 'image' : 'document', source: { type: 'url', url } };
}

function dataBlocks({ mediaType, base64, filename, place }: AskedData): Fields[] {
  if (imageTypes.has(mediaType)) return [{ type: 'image', source: base64Source(mediaType, base64) }];
  const title = filename === undefined || filename === '' ? {} : { title: filename };
  if (mediaType === 'application/pdf') return [{ type: 'document', source: base64Source(mediaType, base64), ...title }];
  if (!textTypes.test(mediaType)) throw unsupported(place);
  const data = Buffer.from(base64, 'base64').toString('utf8');
  return /\S/.test(data) ? [{ type: 'document', source: { type: 'text', media_type: 'text/plain', data }, ...title }] : [];
}

function base64Source(mediaType: string, data: string): Fields {
  return { type: 'base64', media_type: mediaType, data };
}

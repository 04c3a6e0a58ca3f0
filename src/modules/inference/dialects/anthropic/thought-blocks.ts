import { isFields, type Fields } from '../../../../kernel/fields.js';
import type { AskedPart } from '../asked/asked-chat.js';
import type { DialectAsked } from '../dialect.js';

/** The member of a message, and of what is kept for a call, that holds thoughts as this wire wants them back. */
export const thoughtsMember = 'thinking_blocks';

/**
 * What the model thought before a message, as blocks: from the message itself, else from what is kept for its calls. A
 * thought without a signature is none for this wire.
 */
export function thoughtBlocksOf(
  { message, calls }: Extract<AskedPart, { is: 'thoughts' }>,
  { kept }: Pick<DialectAsked, 'kept'>,
): Fields[] {
  const told = signedBlocks(message[thoughtsMember]);
  if (told.length > 0) return told;
  for (const id of calls) {
    const known = signedBlocks(kept(id)?.[thoughtsMember]);
    if (known.length > 0) return known;
  }
  return [];
}

/** True for a message that brings thoughts as this wire wants them back. */
export function hasThoughts(message: Fields): boolean {
  return signedBlocks(message[thoughtsMember]).length > 0;
}

/** True for a block of thoughts. */
export function isThought({ type }: Fields): boolean {
  return type === 'thinking' || type === 'redacted_thinking';
}

function signedBlocks(list: unknown): Fields[] {
  if (!Array.isArray(list)) return [];
  return (list as unknown[]).filter(isFields).flatMap(({ type, thinking, signature, data }): Fields[] => {
    if (type === 'redacted_thinking') return typeof data === 'string' && data !== '' ? [{ type, data }] : [];
    if (type !== 'thinking' || typeof signature !== 'string' || signature === '') return [];
    return [{ type, thinking: typeof thinking === 'string' ? thinking : '', signature }];
  });
}

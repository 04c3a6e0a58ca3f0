import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Fields } from '../../../../kernel/fields.js';
import { isPlatformSealed, type EndpointSeals, type SealedKind } from '../../call/content-seals.js';
import { invalid } from '../../call/request-body.js';
import { sealedKind } from '../chat/opened-items.js';
import { sealedContainers } from './container-names.js';

/** So many sealed texts one request may bring back. */
const mostTexts = 4096;
/** So many of them, and so many characters, are opened before others go first. */
const sliceTexts = 64;
const sliceCharacters = 256 * 1024;

/** A text in a request's input that the platform says to have sealed. */
export interface SealedText {
  readonly kind: SealedKind;
  readonly text: string;
}

/** All sealed texts of an input. @throws AppError invalid_value for more than a request may have. */
export function sealedTexts(items: readonly Fields[]): SealedText[] {
  const found = items.flatMap((item): SealedText[] => {
    const { encrypted_content: text } = item;
    const kind = sealedKind(item);
    const own = kind !== undefined && typeof text === 'string' && isPlatformSealed(text) ? [{ kind, text }] : [];
    return [...own, ...sealedContainers(item).map((name): SealedText => ({ kind: 'container', text: name }))];
  });
  if (found.length > mostTexts) throw invalid('input', `expected at most ${mostTexts} items with encrypted content`);
  return found;
}

/** True for so few that they may be opened at one go. */
export function isOneSlice(texts: readonly SealedText[]): boolean {
  return texts.length <= sliceTexts && texts.reduce((sum, { text }) => sum + text.length, 0) <= sliceCharacters;
}

/**
 * Opens texts in slices, and lets others go first in between. From then on their seals are known.
 * @param pause lets others go first.
 */
export async function openInSlices(
  texts: readonly SealedText[],
  seals: Pick<EndpointSeals, 'judge'>,
  pause: () => Promise<unknown> = nextTurn,
): Promise<void> {
  let opened = 0;
  let characters = 0;
  for (const { kind, text } of texts) {
    if (opened > 0 && (opened >= sliceTexts || characters + text.length > sliceCharacters)) {
      await pause();
      opened = 0;
      characters = 0;
    }
    seals.judge(kind, text);
    opened += 1;
    characters += text.length;
  }
}

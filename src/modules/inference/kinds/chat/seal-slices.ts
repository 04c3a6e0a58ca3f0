import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Fields } from '../../../../kernel/fields.js';
import { isPlatformSealed, type EndpointSeals, type SealedKind } from '../../call/content-seals.js';
import { sealedKind } from './opened-items.js';

/** So many seals, and so many characters, are read and opened before others go first. */
const sliceTexts = 64;
const sliceCharacters = 256 * 1024;

/** A text that the platform says to have sealed. */
export interface SealedText {
  readonly kind: SealedKind;
  readonly text: string;
}

/** The sealed text of a reasoning or a compaction; none for any other item, and none that is a provider's own. */
export function sealedTextsOf(item: Fields): readonly SealedText[] {
  const { encrypted_content: text } = item;
  const kind = sealedKind(item);
  return kind !== undefined && typeof text === 'string' && isPlatformSealed(text) ? [{ kind, text }] : [];
}

/** True for so much that it may be done at one go. */
export function isOneSlice(texts: number, characters: number): boolean {
  return texts <= sliceTexts && characters <= sliceCharacters;
}

/** Parts work into slices. */
export class Slices {
  private texts = 0;
  private characters = 0;

  /** @param pause lets others go first. */
  constructor(private readonly pause: () => Promise<unknown> = nextTurn) {}

  /** To be asked before a piece of work, and to be awaited where the piece does not belong to the slice any more. */
  before(texts: number, characters: number): Promise<unknown> | undefined {
    const hasBegun = this.texts > 0 || this.characters > 0;
    const belongs = !hasBegun || isOneSlice(this.texts + texts, this.characters + characters);
    this.texts = belongs ? this.texts + texts : texts;
    this.characters = belongs ? this.characters + characters : characters;
    return belongs ? undefined : this.pause();
  }
}

/**
 * Opens texts in slices, and lets others go first in between. From then on their seals are known.
 * @param pause lets others go first.
 */
export async function openInSlices(
  texts: readonly SealedText[],
  seals: Pick<EndpointSeals, 'judge'>,
  pause?: () => Promise<unknown>,
): Promise<void> {
  const slices = new Slices(pause);
  for (const { kind, text } of texts) {
    const next = slices.before(1, text.length);
    if (next !== undefined) await next;
    seals.judge(kind, text);
  }
}

import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Fields } from '../../../../kernel/fields.js';
import { isPlatformSealed, type EndpointSeals, type SealedKind } from '../../call/content-seals.js';
import { invalid } from '../../call/request-body.js';
import { refuseForeignSeals, sealedKind } from '../chat/opened-items.js';
import { sealedNames, type ProviderNames } from './provider-names.js';

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
  const names = new Set<string>();
  const found = items.flatMap((item): SealedText[] => {
    const { encrypted_content: text } = item;
    const kind = sealedKind(item);
    const own = kind !== undefined && typeof text === 'string' && isPlatformSealed(text) ? [{ kind, text }] : [];
    return [...own, ...sealedNames(item).filter((name) => isFirst(name, names))];
  });
  if (found.length > mostTexts) throw invalid('input', `expected at most ${mostTexts} items with encrypted content`);
  return found;
}

/** Each citation of a text names its container and its file again: a name counts once. */
function isFirst({ kind, text }: SealedText, seen: Set<string>): boolean {
  const before = seen.size;
  return seen.add(`${kind} ${text}`).size > before;
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

/** What a request's input holds sealed, and whether it is this key's and for this model. */
export class SealedInput {
  /** Opens what is too much to be opened at one go; undefined where it is not. */
  readonly rest: (() => Promise<void>) | undefined;
  private isJudged = false;

  /**
   * @param takesForeign the provider has sealed content of its own, which it judges itself.
   * @throws AppError invalid_value for more than a request may have; what `judge` throws, where it is little.
   */
  constructor(
    private readonly items: readonly Fields[],
    private readonly seals: EndpointSeals,
    private readonly names: ProviderNames,
    private readonly takesForeign: boolean,
  ) {
    const unopened = sealedTexts(items).filter(({ kind, text }) => !seals.isKnown(kind, text));
    this.rest = isOneSlice(unopened) ? undefined : () => openInSlices(unopened, seals);
    if (this.rest === undefined) this.judge();
  }

  /** Once. @throws AppError for what is sealed and is not this key's, or not for this model. */
  judge(): void {
    if (this.isJudged) return;
    this.names.refuseForeign(this.items);
    refuseForeignSeals(this.items, this.seals, this.takesForeign);
    this.isJudged = true;
  }
}

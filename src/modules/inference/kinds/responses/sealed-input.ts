import type { Fields } from '../../../../kernel/fields.js';
import type { EndpointSeals } from '../../call/content-seals.js';
import { invalid } from '../../call/request-body.js';
import type { OpenedSeals } from '../chat/kept-seals.js';
import { refuseForeignSeals } from '../chat/opened-items.js';
import { isOneSlice, openInSlices, sealedTextsOf, type SealedText } from '../chat/seal-slices.js';
import { sealedNames, type ProviderNames } from './provider-names.js';

/** So many sealed texts one request may bring back. */
const mostTexts = 4096;

/** What is opened of kept items for a provider that speaks Responses: thoughts that are sealed here mean nothing to it. */
export const openedOverResponses: OpenedSeals = {
  of: (item) => [...sealedTextsOf(item).filter(({ kind }) => kind === 'compaction'), ...sealedNames(item)],
  names: true,
};

/** All sealed texts of an input. @throws AppError invalid_value for more than a request may have. */
export function sealedTexts(items: readonly Fields[]): SealedText[] {
  const names = new Set<string>();
  const found = items.flatMap((item): SealedText[] => [
    ...sealedTextsOf(item),
    ...sealedNames(item).filter((name) => isFirst(name, names)),
  ]);
  if (found.length > mostTexts) throw invalid('input', `expected at most ${mostTexts} items with encrypted content`);
  return found;
}

/** Each citation of a text names its container and its file again: a name counts once. */
function isFirst({ kind, text }: SealedText, seen: Set<string>): boolean {
  const before = seen.size;
  return seen.add(`${kind} ${text}`).size > before;
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
    const characters = unopened.reduce((sum, { text }) => sum + text.length, 0);
    this.rest = isOneSlice(unopened.length, characters) ? undefined : () => openInSlices(unopened, seals);
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

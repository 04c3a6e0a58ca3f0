import type { Fields } from '../../../../kernel/fields.js';
import { mayHoldSeal, type EndpointSeals, type SealedKind } from '../../call/content-seals.js';
import { isOneSlice, sealedTextsOf, Slices, type SealedText } from './seal-slices.js';

/** An item that stands before a request, or that it refers to: read, or still JSON text. */
export type KeptItem = Fields | string;

/** Which seals a call opens. */
export interface OpenedSeals {
  /** Those of an item. */
  of(item: Fields): readonly SealedText[];
  /** Names of containers and files are opened too, wherever they stand; all else only from the newest summary on. */
  readonly names: boolean;
}

/** What is opened where kept items become messages of a chat. */
export const openedInChat: OpenedSeals = { of: sealedTextsOf, names: false };

type Seals = Pick<EndpointSeals, 'isKnown' | 'judge'>;

/**
 * Opens what a call will open of kept items, where that is too much to be opened at one go: in slices between which others go
 * first. How much it is has no limit of its own: chains, references and histories have one.
 * @param items the oldest first.
 * @param pause lets others go first.
 * @returns undefined where it is little.
 */
export function openKept(
  items: readonly KeptItem[],
  seals: Seals,
  opens: OpenedSeals,
  pause?: () => Promise<unknown>,
): Promise<void> | undefined {
  return isLittle(items, seals, opens) ? undefined : openFromNewest(items, seals, opens, new Slices(pause));
}

function isLittle(items: readonly KeptItem[], seals: Seals, opens: OpenedSeals): boolean {
  let texts = 0;
  let characters = 0;
  for (const item of items) {
    if (typeof item === 'string') {
      if (!mayHoldSeal(item)) continue;
      texts += 1;
      characters += item.length;
    } else {
      for (const { text } of unknownOf(item, seals, opens)) {
        texts += 1;
        characters += text.length;
      }
    }
    if (!isOneSlice(texts, characters)) return false;
  }
  return true;
}

async function openFromNewest(items: readonly KeptItem[], seals: Seals, opens: OpenedSeals, slices: Slices): Promise<void> {
  let isSummed = false;
  for (const kept of items.toReversed()) {
    if (isSummed && !opens.names) return;
    if (typeof kept === 'string') {
      if (!mayHoldSeal(kept)) continue;
      const next = slices.before(0, kept.length);
      if (next !== undefined) await next;
    }
    const item = typeof kept === 'string' ? (JSON.parse(kept) as Fields) : kept;
    for (const { kind, text } of unknownOf(item, seals, opens)) {
      if (isSummed && !isName(kind)) continue;
      const next = slices.before(1, text.length);
      if (next !== undefined) await next;
      seals.judge(kind, text);
    }
    isSummed ||= opens.of(item).some(({ kind, text }) => kind === 'compaction' && seals.judge(kind, text) === 'open');
  }
}

function unknownOf(item: Fields, seals: Seals, opens: OpenedSeals): SealedText[] {
  return opens.of(item).filter(({ kind, text }) => !seals.isKnown(kind, text));
}

function isName(kind: SealedKind): boolean {
  return kind === 'container' || kind === 'file';
}

import { AppError } from '../../../../kernel/app-error.js';
import type { Fields } from '../../../../kernel/fields.js';
import type { StoredItem } from '../../../conversations/conversation-record.js';
import { keepingOrigin, originOf } from '../../../conversations/said-in-chat.js';
import { isPlatformSealed, type EndpointSeals, type OpenedContent, type SealedKind } from '../../call/content-seals.js';
import { unverifiedSeal } from '../../call/unverified-seal.js';
import { keptBefore, summaryMessage } from './compaction.js';
import { withThoughts } from './returned-thoughts.js';
import type { ThoughtContent } from './thoughts.js';

/** Items in which nothing is sealed any more, and types of those that were left out. */
export interface OpenedItems {
  readonly items: readonly StoredItem[];
  readonly leftOut: readonly string[];
}

/**
 * The items for a provider that speaks chat: what a model thought stands with the message or the call that it led to, in the
 * provider's own words; a compaction is its summary, and stands for most of what was before it. What was sealed for another model means nothing to this one and is left out.
 * @param connection the one that they are sent to.
 * @param role of the message that a summary becomes.
 */
export function openedItems(
  items: readonly StoredItem[],
  seals: EndpointSeals,
  connection: string,
  role: 'developer' | 'system' = 'developer',
): OpenedItems {
  if (!items.some(maySeal)) return { items, leftOut: [] };
  const leftOut = new Set<string>();
  const told = fromSummaryOn(items, seals).flatMap((item): (StoredItem | ThoughtContent)[] => {
    const kind = sealedKind(item);
    if (kind === undefined) return [item];
    const found = openedIn(item, kind, seals);
    if (found?.state === 'open') return [kind === 'compaction' ? summaryMessage(item.id, found.content, role) : found.content];
    if (found !== undefined) leftOut.add(kind);
    return [];
  });
  return { items: withThoughts(told, connection), leftOut: [...leftOut] };
}

/**
 * The items for a provider that speaks Responses. What it has sealed passes, what another model's provider has sealed is
 * left out where it was kept and so is known; of what the platform has sealed only a summary
 * means something to it.
 */
export function sharedItems(
  items: readonly Fields[],
  seals: EndpointSeals,
): { readonly items: readonly Fields[]; readonly leftOut: readonly string[] } {
  if (!items.some(maySeal)) return { items, leftOut: [] };
  const leftOut = new Set<string>();
  const told = fromSummaryOn(items, seals).flatMap((item): Fields[] => {
    const { encrypted_content: sealed, type } = item;
    // Reasoning that nobody has sealed means nothing to its provider any more.
    if (type === 'reasoning' && typeof sealed !== 'string') return [];
    // An item of another type holds nothing sealed, whatever it says: its type is the client's text, and no header's.
    if (sealedKind(item) === undefined) return [item];
    if (!isPlatformSealed(sealed)) {
      const origin = originOf(item) ?? seals.origin;
      if (origin !== seals.origin) leftOut.add(String(type));
      return origin === seals.origin ? [item] : [];
    }
    const found = type === 'compaction' ? openedIn(item, type, seals) : undefined;
    if (found?.state === 'open') return [summaryMessage('', found.content)];
    leftOut.add(String(type));
    return [];
  });
  return { items: told, leftOut: [...leftOut] };
}

const plainType = /^[a-z_]{1,64}$/;

/** The type of an item as a header may name it: it is the client's text. */
export function typeForHeader({ type }: Fields): string {
  return typeof type === 'string' && plainType.test(type) ? type : 'item';
}

/** The header of a reply that names what was left out; undefined where nothing was. */
export function itemsLeftOutReply(types: readonly string[]): Record<string, string> | undefined {
  return types.length === 0 ? undefined : { 'x-gt-items-left-out': types.join(', ') };
}

/** The items without those for which the newest summary stands. */
function fromSummaryOn<T extends Fields>(items: readonly T[], seals: EndpointSeals): readonly T[] {
  const at = items.findLastIndex((item) => item['type'] === 'compaction' && stateOf(item, 'compaction', seals) === 'open');
  return at === -1 ? items : [...keptBefore(items.slice(0, at), items.slice(at)), ...items.slice(at)];
}

/**
 * Judges what a request brings back sealed.
 * @param takesForeign the provider has sealed content of its own, which it judges itself.
 * @throws AppError invalid_encrypted_content for what is not this tenant's and model's, or was altered.
 */
export function refuseForeignSeals(given: readonly Fields[], seals: EndpointSeals, takesForeign: boolean): void {
  given.forEach((item, at) => {
    const kind = sealedKind(item);
    if (kind === undefined || (takesForeign && !isPlatformSealed(item['encrypted_content']))) return;
    if (stateOf(item, kind, seals) !== 'foreign') return;
    throw new AppError('invalid_encrypted_content', {
      param: `input[${at}].encrypted_content`,
      message: unverifiedSeal(at),
    });
  });
}

/**
 * An item that is kept, with a note of the model that its provider sealed it for: the text itself says nothing of that. A
 * seal of the platform does, and needs no note.
 * @param origin the connection and the model that sealed it, or that it was sent to.
 */
export function withOrigin<T extends Fields>(item: T, origin: string): T {
  const { encrypted_content: sealed } = item;
  const isProviders = sealedKind(item) !== undefined && typeof sealed === 'string' && !isPlatformSealed(sealed);
  return isProviders ? { ...item, ...keepingOrigin(origin) } : item;
}

/** What an item holds sealed, if it is of a type that does. */
export function sealedKind({ type }: Fields): SealedKind | undefined {
  return type === 'reasoning' || type === 'compaction' ? type : undefined;
}

function maySeal(item: Fields): boolean {
  return sealedKind(item) !== undefined;
}

function stateOf(item: Fields, kind: SealedKind, seals: EndpointSeals): OpenedContent['state'] | undefined {
  const { encrypted_content: sealed } = item;
  return typeof sealed === 'string' ? seals.judge(kind, sealed) : undefined;
}

function openedIn(item: Fields, kind: SealedKind, seals: EndpointSeals): OpenedContent | undefined {
  const { encrypted_content: sealed } = item;
  return typeof sealed === 'string' ? seals.open(kind, sealed) : undefined;
}

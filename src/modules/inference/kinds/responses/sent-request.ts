import type { Fields } from '../../../../kernel/fields.js';
import type { StoredItem } from '../../../conversations/conversation-record.js';
import type { NewItem } from '../../../conversations/item-form.js';
import { isOwnSearch } from '../../../conversations/own-search.js';
import type { StreamedAnswer } from '../../call/answer.js';
import type { EndpointSeals } from '../../call/content-seals.js';
import { countInstructions } from '../../call/contributions.js';
import type { Additions, ReferencedItems } from '../../call/dialogue.js';
import type { DocumentContext } from '../../call/document-context.js';
import type { MemberName } from '../../call/member-names.js';
import { noFiles, withFiles } from '../../call/named-files.js';
import type { ChosenEndpoint } from '../../call/endpoint-choice.js';
import type { InferenceRequest } from '../../call/inference-request.js';
import type { AskedTools } from './file-search-tool.js';
import { contributionOfItem } from './item-contributions.js';
import type { KeptItems } from './kept-items.js';
import type { ProviderNames } from './provider-names.js';
import type { ResponsesRequest } from './responses-request.js';

/** A request for a response that was read and judged. */
export interface AskedResponse extends Pick<ChosenEndpoint, 'endpoint' | 'target'> {
  readonly request: InferenceRequest;
  readonly asked: ResponsesRequest;
  /** The input as items, as the client wrote them. */
  readonly given: readonly Fields[];
  readonly tools: AskedTools;
  readonly seals: EndpointSeals;
  readonly names: ProviderNames;
  /** Reads what stands before the request's own items. */
  readonly kept: KeptItems;
  /** A compaction is asked for in place of an answer. */
  readonly compacts: boolean;
  /** What the provider is told as instructions: the key's and the agent's before the client's. */
  instructions(): string | undefined;
  /** How many tokens the input may have where the oldest of it is to be left out; undefined where nothing is. */
  room(documents: DocumentContext | undefined): number | undefined;
  /** The input in the platform's form of items. */
  newItems(referenced?: ReferencedItems, isMeant?: (place: number) => boolean): NewItem[];
}

/** What goes to the provider, and how its answer is read. */
export interface SentRequest {
  readonly path: string;
  readonly body: Buffer;
  readonly answer: StreamedAnswer;
  /** What the client calls members of it, where they differ. */
  readonly memberNames?: readonly MemberName[];
  /** What the client has asked stands elsewhere in the body than in its own. */
  readonly inputMoved: boolean;
  /** Chat itself has no form for the addresses of files that it names. */
  readonly namesFileAddresses?: boolean;
  /** Types of tools that it does not have. */
  readonly leftOut: readonly string[];
  /** Types of items that mean nothing to it: its model was not the one that they were sealed for. */
  readonly itemsLeftOut: readonly string[];
}

/** All that was said, the request's own items last, with the files that they name. */
export function itemsOf(response: AskedResponse, additions: Additions): readonly StoredItem[] {
  const { history = [], earlier = [], referenced, files = noFiles } = additions;
  const own = response.newItems(referenced, isNotBefore(response, additions)) as StoredItem[];
  const before = earlier.map((kept) => response.kept.read(kept) as StoredItem);
  return inOrder<StoredItem>(response, before, history, own).map((item) => withFiles(item, files));
}

/**
 * The items in the order in which the model is told them, without the searches that the platform has made: what they found
 * stood in a call before. The request's instructions stand before what is stored, unless the
 * request itself names the conversation, whose items all come first.
 */
export function inOrder<T extends Fields>(
  { asked }: AskedResponse,
  earlier: readonly T[],
  history: readonly T[],
  own: readonly T[],
): T[] {
  const isNamed = asked.conversation !== undefined || history.length === 0;
  const leading = isNamed ? 0 : countInstructions(own.map((item) => contributionOfItem(item, new Map())));
  const all = [...earlier, ...own.slice(0, leading), ...history, ...own.slice(leading)];
  return all.filter((item) => !isOwnSearch(item));
}

/** Says of the request's items, by their places, which do not stand in the history that is put before them. */
export function isNotBefore({ given }: AskedResponse, { history = [] }: Additions): (place: number) => boolean {
  const ids = new Set<unknown>(history.map(({ id }) => id));
  return (place) => !ids.has(given[place]?.['id']);
}

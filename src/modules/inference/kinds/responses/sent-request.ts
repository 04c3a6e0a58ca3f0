import type { Fields } from '../../../../kernel/fields.js';
import type { StoredItem } from '../../../conversations/conversation-record.js';
import type { NewItem } from '../../../conversations/item-form.js';
import type { StreamedAnswer } from '../../call/answer.js';
import type { EndpointSeals } from '../../call/content-seals.js';
import type { Additions, ReferencedItems } from '../../call/dialogue.js';
import type { DocumentContext } from '../../call/document-context.js';
import type { MemberName } from '../../call/member-names.js';
import { noFiles, withFiles } from '../../call/named-files.js';
import type { ChosenEndpoint } from '../../call/endpoint-choice.js';
import type { InferenceRequest } from '../../call/inference-request.js';
import { readExact } from '../../wire/exact-json.js';
import type { OfferedTools } from '../tools/offered-tools.js';
import type { ProviderNames } from './provider-names.js';
import type { ResponsesRequest } from './responses-request.js';

/** A request for a response that was read and judged. */
export interface AskedResponse extends Pick<ChosenEndpoint, 'endpoint' | 'target'> {
  readonly request: InferenceRequest;
  readonly asked: ResponsesRequest;
  /** The input as items, as the client wrote them. */
  readonly given: readonly Fields[];
  readonly tools: OfferedTools;
  readonly seals: EndpointSeals;
  readonly names: ProviderNames;
  /** A compaction is asked for in place of an answer. */
  readonly compacts: boolean;
  /** What the provider is told as instructions: the key's and the agent's before the client's. */
  instructions(): string | undefined;
  /** How many tokens the input may have where the oldest of it is to be left out; undefined where nothing is. */
  room(documents: DocumentContext | undefined): number | undefined;
  /** The input in the platform's form of items. */
  newItems(referenced?: ReferencedItems): NewItem[];
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
  /** Types of tools that it does not have. */
  readonly leftOut: readonly string[];
  /** Types of items that mean nothing to it: its model was not the one that they were sealed for. */
  readonly itemsLeftOut: readonly string[];
}

/** All that was said, the request's own items last, with the files that they name. */
export function itemsOf(response: AskedResponse, additions: Additions): readonly StoredItem[] {
  const { history = [], earlier = [], referenced, files = noFiles } = additions;
  const items = [
    ...earlier.map(({ json }) => exactItem(json) as StoredItem),
    ...history,
    ...(response.newItems(referenced) as StoredItem[]),
  ];
  return items.map((item) => withFiles(item, files));
}

/** A kept item, its numbers as they were written. */
export function exactItem(json: string): Fields {
  const bytes = Buffer.from(json);
  return readExact(bytes, JSON.parse(json)) as Fields;
}

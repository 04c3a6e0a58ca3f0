import type { Fields } from '../../../kernel/fields.js';
import type { StoredItem } from '../../conversations/conversation-record.js';
import type { ConversationName } from '../../conversations/conversation-name.js';
import type { NewItem } from '../../conversations/item-form.js';
import type { PrintedItem, ResponseStatus } from '../../responses/response-record.js';
import type { AnswerPart } from './answer-part.js';
import type { Contribution } from './contributions.js';
import type { FileSearch } from './file-search.js';
import type { NamedFile, SentFiles } from './named-files.js';
import type { DocumentContext } from './document-context.js';

/** Kept items by their ids. */
export type ReferencedItems = ReadonlyMap<string, PrintedItem>;

/** What a call is given that its client did not send. */
export interface Additions {
  /** Items of the conversation that stand before the request's own, behind its instructions. */
  readonly history?: readonly StoredItem[];
  /** What documents say to it. */
  readonly context?: DocumentContext | undefined;
  /** Items of the response that the request goes on from, and of those before it. */
  readonly earlier?: readonly PrintedItem[];
  /** The kept items that the request refers to, by their ids. */
  readonly referenced?: ReferencedItems;
  /** An item that stands for what was said before, made for this call: its answer begins with it. */
  readonly compaction?: Fields | undefined;
  /** The files that the request and what stands before it name, as they are put in. */
  readonly files?: SentFiles;
  /** The conversation of which the call is a turn. */
  readonly conversationId?: string | undefined;
}

/** An answer that is kept under an id of its own, beside any conversation. */
export interface KeptAnswer {
  readonly id: string;
  readonly model: string;
  readonly status: ResponseStatus;
  /** It is there already, without an answer. */
  readonly wasQueued?: boolean;
  /** As the client gets it, as JSON text. */
  readonly object: string;
  readonly output: readonly PrintedItem[];
}

/**
 * What makes a request a turn of a conversation or a question to documents, told without the kind's own form: as texts and
 * as items, the form in which conversations keep everything. Asking for it parses what the request says.
 */
export interface Dialogue {
  /** The conversation that the request itself names. */
  readonly conversation: ConversationName | undefined;
  /** The response that the request goes on from. */
  readonly previousResponseId: string | undefined;
  /**
   * What was said up to that response, with an id for each item, where it is at hand and nothing needs to be looked up; it
   * need not be kept anywhere.
   */
  readonly earlier?: readonly PrintedItem[] | undefined;
  /** Ids of kept items that the request refers to in place of sending them again. */
  readonly references: readonly string[];
  /** Files that the request itself names. */
  readonly files: readonly NamedFile[];
  /** Where the request itself wants files to be searched before it is answered. */
  readonly fileSearch?: FileSearch | undefined;
  /** The answer is kept under an id of its own. */
  readonly keepsAnswer: boolean;
  /** Only its tokens are counted: nothing is made, waited for or asked for it. */
  readonly isCounted: boolean;
  /** A session, which a header or `user` names, may be meant: the request names nothing else that it goes on from. */
  readonly allowsSession: boolean;
  /** OpenAI's `user`, where it is a text. */
  readonly user: string | undefined;
  /** What the caller has asked last, as a text; empty when that is none. */
  question(): string;
  /** Who says what of the request: one for each of its messages or items, in their order. */
  contributions(referenced: ReferencedItems): readonly Contribution[];
  /**
   * What the request itself says, as items; one that it refers to has its id already.
   * @param isMeant says of which of its messages or items, by their places; all, where it is left out.
   */
  newItems(referenced: ReferencedItems, isMeant?: (place: number) => boolean): NewItem[];
  /** How many tokens of the model's context are left beside the request, its instructions, these documents and its answer. */
  tokensLeft(context: DocumentContext | undefined): number;
  /** A reader for the answer to this request. */
  openAnswer(): DialogueAnswer;
  /** True for an event behind which nothing is said any more, so that one of those that are left has the mark. */
  finishes(event: AnswerPart): boolean;
  /** The last event or the whole reply with the member `gt`. */
  marked(part: AnswerPart, mark: Fields): AnswerPart;
}

/** Reads the answer of a turn on its way to the client. */
export interface DialogueAnswer {
  /** Takes an event of the stream, or the whole reply. What is no answer says nothing. */
  add(part: AnswerPart): void;
  /** Characters gathered so far. */
  readonly characters: number;
  /** What the conversation keeps of the answer; undefined when there was none. Items that have an id go on with it. */
  items(): NewItem[] | undefined;
  /** What is kept of the answer under its own id; undefined when that is nothing. */
  kept(): KeptAnswer | undefined;
}

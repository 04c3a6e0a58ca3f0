import type { IncomingHttpHeaders } from 'node:http';
import type { StreamedBody } from '../../../platform/upstream/upstream-call.js';
import type { AnsweredCall } from '../../kept-thoughts/tool-call.js';
import type { UsageTokens } from '../wire/usage-tokens.js';
import type { Answer, BytesAnswer, StreamedAnswer } from './answer.js';
import type { Additions, Dialogue } from './dialogue.js';
import type { BackgroundCall } from './background-call.js';
import type { ContentElsewhere } from './content-elsewhere.js';
import type { ChosenEndpoint } from './endpoint-choice.js';
import type { KeptCall } from './kept-call.js';
import type { KindFacts } from './kind-facts.js';
import type { MemberName } from './member-names.js';

/** All that the relay must know of one call that is about to be sent. */
export interface CallPlan extends ChosenEndpoint {
  readonly kind: KindFacts;
  /** Path of the provider's address. */
  readonly path: string;
  /** What is sent to the provider; a stream is read as fast as the provider takes it. */
  readonly body: Buffer | StreamedBody;
  readonly contentType: string;
  /** How the answer is read and written; its shape says what the provider is asked for and what is expected of it. */
  readonly answer: Answer | BytesAnswer;
  /** The same where the client wants a stream. */
  readonly streamed: StreamedAnswer | undefined;
  /**
   * Where the request was not here whole when the call was planned: how its answer is read after all that has come since. It
   * is asked for once, when a good answer begins.
   */
  readonly decidedLater?: (() => AnswerChoice) | undefined;
  /** The most tokens of one answer, as the request says; null: it does not say. Undefined for what is not answered in tokens. */
  readonly outputTokens?: number | null;
  /** The provider is told how long the answer may be, though the request does not say it: a budget wants it. */
  readonly isLengthSaid?: boolean;
  /** So many answers the provider makes; one where absent. */
  readonly answers?: number;
  /** Longest wait, in seconds, for which a provider's 429 or 503 is tried once more; 0: never. */
  readonly retryAfterMaxSeconds: number;
  /** What the client calls members of what is sent, where it is said in other words than the client's. */
  readonly memberNames?: readonly MemberName[];
  /** What the provider's refusal means, where its status says something else. */
  readonly refusalStatus?: ((status: number, body: Buffer) => number) | undefined;
  /** What the provider is told and the caller may not hear. */
  readonly hidden: readonly string[];
  /** What is asked stands elsewhere in the body than in the request: places that the provider names are not the client's. */
  readonly inputMoved?: boolean;
  /** The call is not sent: its tokens are counted, and this is the answer. */
  readonly counted?: (tokens: UsageTokens) => Buffer;
  /** The calls of tools that the answer made, once it is whole; set where the provider may want something back with them. */
  readonly answeredCalls?: (() => readonly AnsweredCall[]) | undefined;
  /** What is asked instead where the provider does not serve this; nothing was charged for until then. */
  readonly otherwise?: OtherRequest;
  /** What must be fetched and put into the body before it is sent; undefined where nothing must. */
  readonly elsewhere?: ContentElsewhere | undefined;
  /** A chat that names files by address, which providers of chat take no addresses of. */
  readonly namesFileAddresses?: boolean;
  /** Headers of the reply that tell the caller what was changed, by their names. */
  readonly replyHeaders?: Readonly<Record<string, string>>;
  /** The same, for what only the head of the provider's answer tells. */
  readonly answerHeaders?: (head: IncomingHttpHeaders) => Readonly<Record<string, string>>;
}

/** What a provider is asked in place of something that it does not serve. */
export interface OtherRequest {
  /** The statuses with which it says so. */
  readonly statuses: ReadonlySet<number>;
  readonly path: string;
  /** Makes the body. From then on the answer that comes is one to it. */
  body(): Buffer;
}

/** A call that must be answered before the one that a request asks for can be made. It is booked by itself. */
export interface FirstCall {
  /** Its answer is not streamed. */
  readonly plan: CallPlan;
  /** What its answer adds to the call that was asked for; to be asked when that answer has come. */
  added(): Additions;
}

/** How an answer is read, and what its head says besides. */
export type AnswerChoice = Pick<CallPlan, 'answer' | 'streamed' | 'replyHeaders'>;

/** A request that was read and judged, of which nothing was made yet. */
export interface CallDraft extends ChosenEndpoint {
  readonly kind: KindFacts;
  /** The talk that the request is a part of; undefined for kinds that know none. */
  readonly dialogue: Dialogue | undefined;
  /** Set where the client does not wait: then a worker makes the call. */
  readonly background?: BackgroundCall | undefined;
  /**
   * What keeps the call where its client asked to store it; undefined where it did not. To be asked before `plan`. Kinds
   * whose answers cannot be stored leave it out.
   * @throws AppError for a request that cannot be stored.
   */
  openStored?(): KeptCall | undefined;
  /** Where another call may have to come first: tells which, if one has to. */
  readonly first?: ((additions: Additions) => FirstCall | undefined) | undefined;
  /**
   * Where the request must be here whole before it is sent: waits for the rest of it. The request is then read anew.
   * @throws AppError when it does not come whole.
   */
  readonly rest?: (() => Promise<void>) | undefined;
  /**
   * Where the request is too much to be read at one go: reads the rest of it. To be awaited before anything else is done with
   * it. @throws AppError for what is wrong with the rest.
   */
  readonly ready?: (() => Promise<unknown>) | undefined;
  /**
   * Does what takes too long for one step with what the call is given besides; undefined where nothing does. To be awaited
   * before `first` and `plan`.
   */
  prepare?(additions: Additions): Promise<unknown> | undefined;
  /** Makes the call, with what it is given besides. Once: the request's own bytes may be changed in their place. @throws AppError */
  plan(additions?: Additions): CallPlan;
}

import type { Fields } from '../../../kernel/fields.js';
import type { MemberName } from '../call/member-names.js';
import type { ChatAddress } from './asked/chat-addresses.js';

/** What one request is in the words of a provider's own wire. */
export interface DialectRequest {
  /** Below the connection's base URL. */
  readonly path: string;
  readonly body: Fields;
  /** Members of the client's request that were only hints and that this wire has no word for. */
  readonly leftOut: readonly string[];
}

/** What a dialect is told beside the request itself. */
export interface DialectAsked {
  /** A path that the connection names in place of the wire's own. */
  readonly path?: string | undefined;
  /** The client wants a stream. */
  readonly stream: boolean;
  /** How long an answer may be, in tokens, where the request does not say and the wire wants to know. */
  readonly maxTokens?: number | undefined;
  /** What this provider wants back with a call of a tool that it made, by the call's id; undefined where nothing is known. */
  kept(callId: string): Fields | undefined;
}

/**
 * A wire that providers speak and clients do not: a chat said in its words, and its answers said as those of a provider of
 * chat. Nothing else of a call knows the wire.
 */
export interface ChatDialect {
  /** What the wire calls members of a chat, for its sentences about them. */
  readonly memberNames: readonly MemberName[];
  /**
   * @param chat the members of the body as it would go to a provider of chat, read by `readExact`.
   * @throws AppError unsupported_parameter for a member that changes what is answered and has no word here; invalid_value
   * for one that is not what a chat may hold.
   */
  request(chat: Fields, asked: DialectAsked): DialectRequest;
  /**
   * The media types that may be sent in the place of an address that the provider may not fetch itself; undefined for one that is
   * said as it is, or that `request` refuses. Left out where all are said as they are. Of a wire that a package speaks, the
   * package says which of them its provider fetches.
   */
  typesFor?(address: ChatAddress, model: unknown): ReadonlySet<string> | undefined;
  /** Whether a message of the assistant brings itself what this wire wants back with the calls of tools in it. */
  isSigned(message: Fields): boolean;
  /** Opens the reading of one answer to `chat`. */
  reader(chat: Fields): ChatReader;
}

/** Reads one answer of a provider, whole or in events, and says it in the words of a provider of chat. */
export interface ChatReader {
  /**
   * A whole answer, as the members `choices` and `usage` of a chat completion. An answer that tells an error becomes
   * `{error: {message}}`; one that is none at all has no `choices`.
   * @param given read by `readProvider`.
   */
  whole(given: Fields): Fields;
  /**
   * The next event of a stream, as members of chunks: `choices`, `usage`, or `error` with its message. An event of a type
   * that is not known says nothing.
   * @param event the JSON of the event's data, read by `readProvider`.
   */
  take(event: Fields): readonly Fields[];
  /**
   * The provider's stream has ended, or broke: what is still to be said. Undefined where the answer was not whole by then.
   */
  end(): readonly Fields[] | undefined;
  /** The answer is whole, whatever the provider still sends; what `end` says may still be due. */
  readonly finished: boolean;
  /** An event has come behind which this wire tells nothing more. */
  readonly ended: boolean;
  /** What the provider wants back with the calls of tools that this answer made, by their ids. */
  readonly kept: ReadonlyMap<string, Fields>;
}

/** The same for embeddings. */
export interface EmbeddingsDialect {
  /** @param body the members of the body as it would go to OpenAI. @throws AppError as for a chat. */
  request(body: Fields, asked: Pick<DialectAsked, 'path'>): DialectRequest;
  /** The answer, as the members `data` and `usage` of OpenAI's. An error becomes `{error: {message}}`. */
  whole(given: Fields): Fields;
}

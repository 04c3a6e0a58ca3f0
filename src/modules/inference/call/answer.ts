import type { AppError } from '../../../kernel/app-error.js';
import type { CallMeasures } from '../../../platform/journal/call-record.js';
import type { EventLimits } from '../wire/event-limits.js';
import type { UsageTokens } from '../wire/usage-tokens.js';

/** A whole reply that was judged, as the client gets it. */
export interface WholeReply {
  readonly bytes: Buffer;
  /** The provider's own figures, if it told them. */
  readonly tokens: UsageTokens | null;
  /** What the answer took beside tokens, where it took something. */
  readonly measures?: CallMeasures | undefined;
  /** What must be fetched before the reply is whole; then `bytes` are not sent. */
  readonly elsewhere?: Elsewhere | undefined;
}

/** Parts of an answer that a provider gave only the addresses of. */
export interface Elsewhere {
  readonly addresses: readonly string[];
  /** The client's reply, with what stands at the addresses, in their order. */
  filled(contents: readonly Buffer[]): Buffer;
}

/** How a stream ended. */
export interface AnswerStreamEnd {
  /** Only a whole stream may end well. */
  readonly complete: boolean;
  /** Last bytes for the client. */
  readonly tail: Buffer | null;
  readonly reason?: 'provider_error' | 'malformed_event' | 'event_too_large' | 'no_room' | 'truncated';
}

/** Reads the provider's stream of one call and writes the client's. */
export interface AnswerStream {
  /** Takes the provider's next bytes; returns what may be sent now, null when that is nothing. Never throws of itself. */
  push(chunk: Buffer): Buffer | null;
  /** Call once when the provider's body has ended or broken off. */
  end(): AnswerStreamEnd;
  readonly usage: UsageTokens | null;
  /** What the stream has taken so far beside tokens, where it took something. */
  readonly measures?: CallMeasures | undefined;
  /** All that was asked for has come, whatever the provider still does. */
  readonly finished: boolean;
  /** The provider has told an error, or sent what cannot be read. */
  readonly failed: boolean;
  /** Nothing more can come out: the relay may leave the provider. */
  readonly stopped: boolean;
  /** Something of the answer has come, sent on or not. */
  readonly firstEventSeen: boolean;
  /** How many events with data have come from the provider. Each part of an answer that comes by itself has one token at least. */
  readonly events: number;
}

/** How the answer of one call is read and written, where it is JSON: what a kind knows of it, for one request. */
export interface Answer {
  readonly shape?: 'json';
  /** The provider is asked for a stream, and the whole of its events is what `reply` gets. */
  readonly inEvents?: boolean;
  /** Judges a whole reply and makes it the client's. @throws AppError upstream_error when it is no answer. */
  reply(bytes: Buffer): WholeReply;
  /** Reads and writes a long reply piece by piece; undefined where every reply is gathered. */
  flow(): ReplyFlow | undefined;
}

/**
 * An answer that is no JSON: sound, or a text in a form of its own. It passes as bytes, at the client's pace, and nothing of
 * it is gathered; its tokens are counted from the request, those of a text from what it says too.
 */
export interface BytesAnswer {
  readonly shape: 'bytes';
  /** The media types that the provider is asked for. */
  readonly accept: string;
  /**
   * The media type that the client is told.
   * @param given the provider's, as it wrote it; empty where it told none.
   * @throws AppError upstream_error when an answer of this type is not what was asked for.
   */
  mediaType(given: string): string;
  /**
   * Judges how the body begins, before any of it is sent: at least `judgedBytes` of it, or all.
   * @throws AppError upstream_error when this is not what was asked for.
   */
  judge(start: Buffer): void;
  /** What it says is a text, whose tokens can be counted. */
  readonly isText?: boolean;
  /** Hears each piece that goes on, where something is to be learned of it. Nothing of it may be held for long. */
  take?(bytes: Buffer): void;
  /** What the answer has taken so far beside tokens, where it took something; asked for once it has begun. */
  readonly measures?: CallMeasures | undefined;
}

/** So many bytes of an answer's beginning are looked at. */
export const judgedBytes = 64;

/** How an answer is streamed, where a kind and the request want that. */
export interface StreamedAnswer extends Answer {
  /**
   * Opens the reader of the stream. With `onEvent` each event is given there, whole, and `push` returns nothing.
   * @param limits what its events may take.
   */
  stream(limits: EventLimits, onEvent?: (event: Buffer) => void): AnswerStream;
  /** A judged reply as the provider's stream would have said it, for a provider that does not stream. */
  eventsOf(reply: Buffer): Buffer;
  /** An event for a silent stream that says nothing. */
  emptyEvent(requestId: string): string;
  /** The usage as an event where the client asked for it; undefined where it did not. */
  usageEvent(requestId: string, tokens: UsageTokens): Buffer | undefined;
  /** An error as the stream's last event. */
  errorEvent(error: AppError): string;
  /** What a whole stream ends with. */
  readonly done: string;
}

/** Passes a long reply on piece by piece. */
export interface ReplyFlow {
  /** Takes the next bytes; returns what may be sent once it has begun. @throws AppError upstream_error at the first sign of an error. */
  push(chunk: Buffer): Buffer;
  /** What was asked for has begun to come: from now on bytes may be sent. */
  readonly begun: boolean;
  /** The reply has ended; gives the provider's own figures. @throws AppError upstream_error when it was not whole. */
  end(): UsageTokens | null;
  /** What the reply took beside tokens, known at its end, where it took something. */
  readonly measures?: CallMeasures | undefined;
}

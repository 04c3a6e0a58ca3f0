import type { SourceObject } from '../../retrieval/passage-block.js';

/** What documents add to a chat call: a message of quotations for the model, and where they come from for the caller. */
export interface ChatContext {
  /** One encoded message; undefined when nothing was found. */
  readonly message: Buffer | undefined;
  /** Sentences of the message, which may not come back to the caller by a provider's error. */
  readonly hidden: readonly string[];
  /** The reply's `gt.sources`, in the order of the quotations. */
  readonly sources: readonly SourceObject[];
}

/** Documents were asked and had no answer. */
export const nothingFound: ChatContext = { message: undefined, hidden: [], sources: [] };

/** Bytes that the model reads on top of the request. */
export function contextBytes(context: ChatContext | undefined): number {
  return context?.message?.length ?? 0;
}

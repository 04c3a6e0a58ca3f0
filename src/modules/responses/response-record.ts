/** Whose responses are meant: they belong to the key, not to its tenant as a whole. */
export interface ResponseOwner {
  readonly tenantId: string;
  readonly keyId: string;
}

/** How a response ended, or how far it is. */
export type ResponseStatus = 'queued' | 'in_progress' | 'completed' | 'incomplete' | 'failed' | 'cancelled';

/** An item in OpenAI's form, as JSON text: its numbers stay as they were written. */
export interface PrintedItem {
  readonly id: string;
  readonly json: string;
}

/** A response that is to be kept. */
export interface NewResponse {
  readonly id: string;
  /** The published name that it was asked of. */
  readonly model: string;
  readonly status: ResponseStatus;
  /** It is there already, without an answer. */
  readonly wasQueued?: boolean;
  /** The object as JSON text, as the client gets it. */
  readonly object: string;
  readonly previousResponseId: string | undefined;
  readonly conversationId: string | undefined;
  /** All items that the model was given before the request's own. Those that are kept nowhere are written down with the response. */
  readonly earlier: readonly PrintedItem[];
  /** The request's own items. */
  readonly input: readonly PrintedItem[];
  readonly output: readonly PrintedItem[];
}

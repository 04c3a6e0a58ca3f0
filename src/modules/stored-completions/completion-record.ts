/** Whose stored completions are meant: they belong to the key, not to its tenant as a whole. */
export interface CompletionOwner {
  readonly tenantId: string;
  readonly keyId: string;
}

/** The most bytes that a stored completion's request may have, and as many its answer. */
export const maxStoredBytes = 16 * 1024 * 1024;

/** A completion that is to be stored. Its texts are JSON as it is shown again: numbers stay as they were written. */
export interface NewCompletion {
  /** The id under which its client saw it. */
  readonly id: string;
  /** The published name that answered. */
  readonly model: string;
  readonly metadata: Readonly<Record<string, string>>;
  /** An object with `id` and all else that is shown, but `metadata`. */
  readonly completion: string;
  /** The request's messages, each without its id. */
  readonly messages: readonly string[];
}

/** A stored completion as it is read: the text as it was stored, and the metadata of now. */
export interface CompletionRecord {
  readonly id: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly completion: string;
}

/** A message of a stored completion's request: its place from 0 on, and its text as it was stored. */
export interface CompletionMessage {
  readonly place: number;
  readonly message: string;
}

/** How long an answer is kept, in milliseconds. */
export const keptMs = 24 * 60 * 60 * 1000;

/** Larger answers are not kept: their key is freed. */
export const maxAnswerBytes = 10 * 1024 * 1024;

/** An answer as it is sent again: without the headers that each reply has of its own. */
export interface StoredAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** The whole body; of a stream all of its events. */
  readonly body: Buffer;
}

/** One `Idempotency-Key` of one API key. The text of the header is not stored, only its hash. */
export interface RunScope {
  readonly tenantId: string;
  readonly keyId: string;
  /** SHA-256 of the header in hex. */
  readonly id: string;
}

/** A run and who runs it: what another run has taken over is no longer this owner's. */
export interface OwnedRun extends RunScope {
  readonly owner: string;
}

import type { HeldHead } from './approval-record.js';

/** An approved call, as whoever makes it is given it. It is made for the key that asked, and judged as things are now. */
export interface ApprovedCall {
  readonly tenantId: string;
  readonly id: string;
  readonly keyId: string;
  readonly method: string;
  readonly head: HeldHead;
  readonly body: Buffer;
  /** Hash of the Idempotency-Key under which its answer is kept: the request's own, or one that only this call has. */
  readonly idempotencyId: string;
  /** Aborted when the call is to be broken off. */
  readonly signal: AbortSignal;
  /**
   * To be awaited before the call can have an effect: behind it, it is never made again. Throws when it must not be made.
   * @param requestId under which it is made.
   */
  sending(requestId: string): Promise<void>;
}

/** An answer that comes. */
export interface MadeCall {
  readonly status: number;
  /** What is kept of its headers, names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly requestId: string | null;
  /** Throws where the answer breaks off. */
  readonly body: AsyncIterable<Buffer>;
}

/** Makes an approved call by all that a call of a client passes. */
export type CallMaker = (call: ApprovedCall) => Promise<MadeCall>;

/** How far a response is that a worker makes. All but the first two are ends. */
export type BackgroundState = 'queued' | 'running' | 'completed' | 'incomplete' | 'failed' | 'cancelled';

/** How such a response ends. */
export type BackgroundEnd = Exclude<BackgroundState, 'queued' | 'running'>;

/** An event in OpenAI's form, as JSON text. */
export interface StoredEvent {
  readonly number: number;
  readonly type: string;
  readonly json: string;
}

/** Which response, whoever owns it. */
export interface ResponsePlace {
  readonly tenantId: string;
  readonly id: string;
}

/** A call that a worker makes later. */
export interface QueuedCall {
  /** Its row of the route table. */
  readonly route: string;
  readonly requestId: string;
  readonly ip: string;
  /** Those that count for the call. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** By which a repeat of the request finds the response that is there already; undefined where none can come. */
  readonly repeatKey: string | undefined;
  /** The events with which its stream begins. */
  readonly events: readonly StoredEvent[];
}

/** A run's hold of a response: every write of the run names it. */
export interface Claim extends ResponsePlace {
  readonly owner: string;
}

/** A response that a run has taken. */
export interface ClaimedCall extends Claim, Omit<QueuedCall, 'repeatKey' | 'events'> {
  readonly keyId: string;
  /** The object as it is now. */
  readonly object: string;
  readonly createdAt: Date;
  readonly attempts: number;
  readonly lastNumber: number;
  readonly eventBytes: number;
}

/** Where a response's stream is. */
export interface StreamPosition {
  readonly state: BackgroundState;
  readonly lastNumber: number;
}

/** Thrown where a run writes to a response that is not its own any more: it was cancelled, deleted, or taken over. */
export class LostClaimError extends Error {
  override readonly name = 'LostClaimError';
}

/** True when nothing more happens to the response. */
export function hasEnded(state: BackgroundState): state is BackgroundEnd {
  return state !== 'queued' && state !== 'running';
}

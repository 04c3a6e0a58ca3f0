import type { Transaction } from '../../platform/database/tenant-database.js';

/**
 * Writes the answer to a request down within the transaction that does its work, so that a repeat after a crash finds both
 * or neither. It is the last thing that the transaction does. It throws when the work must not be done: then another
 * request has the Idempotency-Key by now.
 */
export type Recording = (tx: Transaction) => Promise<void>;

/**
 * What every service asks for that makes or changes something for a POST of the data plane: given what was made, it says
 * how the answer is recorded. The door has one for each request, with an Idempotency-Key or without.
 */
export type RecordingOf<T> = (made: T) => Recording;

/** For work that nobody repeats under an Idempotency-Key. */
export const unrecorded: RecordingOf<unknown> = () => () => Promise.resolve();

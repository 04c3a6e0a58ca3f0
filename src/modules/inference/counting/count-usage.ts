import { CallCounter } from './call-counter.js';
import type { SaidForm } from './count-call.js';
import { onlyTokens, type UsageTokens } from '../wire/usage-tokens.js';

/** What a provider said, as it came: a JSON reply, events of a stream, or a text. */
export interface Said {
  readonly form: SaidForm;
  readonly bytes: readonly Buffer[];
}

/** What is kept of an answer for counting: far more than models say at once. */
const saidBytes = 8 * 1024 * 1024;

const counter = new CallCounter();

/**
 * Tokens of a call whose provider did not tell them, counted from what was sent and received with the o200k encoding: an
 * honest estimate for models with another one, booked with source `counted`. Nothing is read on this thread: the bytes are
 * copied before the promise is given, then the caller may write to them again. Texts beyond 4 MiB or a second's work, and
 * calls that find the counting thread busy with too much, are taken from their length.
 */
export async function countUsage(tenantId: string, requestBody: Buffer, said: Said): Promise<UsageTokens> {
  const call = { request: copyOf([requestBody], requestBody.length), said: copyOf(said.bytes, saidBytes), form: said.form };
  const { input: inputTokens, output: outputTokens } = await counter.count(tenantId, call);
  return onlyTokens(inputTokens, outputTokens);
}

/** A copy with a memory of its own: what a thread is given is never more than this. */
function copyOf(parts: readonly Buffer[], limit: number): Buffer {
  const length = Math.min(
    limit,
    parts.reduce((sum, part) => sum + part.length, 0),
  );
  const copy = Buffer.allocUnsafeSlow(length);
  let at = 0;
  for (const part of parts) {
    if (at === length) break;
    const taken = part.subarray(0, length - at);
    copy.set(taken, at);
    at += taken.length;
  }
  return copy;
}

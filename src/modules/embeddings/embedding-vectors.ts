import { answerFault } from '../provider-answers/answer-fault.js';

/** A provider's answer that holds something else than the vectors that were asked for. The text is for the log. */
export class UnreadableVectorsError extends Error {
  override readonly name = 'UnreadableVectorsError';
}

/**
 * The vectors of an embeddings reply, in the order of the texts: arrays of numbers, or base64 of little-endian float32.
 * @throws UnreadableVectorsError when the reply tells an error, when one is missing, holds what is no finite number, or has another length.
 */
export function vectorsOf(reply: unknown, count: number): Float32Array[] {
  const fault = answerFault(reply, 'data');
  if (fault !== undefined) throw new UnreadableVectorsError(`The reply is no answer: ${fault}.`);
  const data = (reply as { readonly data?: unknown } | null)?.data;
  if (!Array.isArray(data) || data.length !== count) throw new UnreadableVectorsError(`There are not ${count} vectors.`);
  const vectors = new Array<Float32Array | undefined>(count);
  data.forEach((item: unknown, at) => {
    const { index, embedding } = (typeof item === 'object' && item !== null ? item : {}) as {
      index?: unknown;
      embedding?: unknown;
    };
    vectors[typeof index === 'number' ? index : at] = vectorOf(embedding);
  });
  const length = vectors[0]?.length ?? 0;
  // Array.from and not map, which passes over what was never set.
  return Array.from(vectors, (vector) => {
    if (vector === undefined || vector.length === 0 || vector.length !== length)
      throw new UnreadableVectorsError('The vectors do not fit each other.');
    return vector;
  });
}

function vectorOf(embedding: unknown): Float32Array {
  const vector =
    typeof embedding === 'string'
      ? fromBase64(embedding)
      : Array.isArray(embedding)
        ? Float32Array.from(embedding as number[])
        : undefined;
  if (vector === undefined || !vector.every(Number.isFinite))
    throw new UnreadableVectorsError('A vector holds what is no number.');
  return vector;
}

function fromBase64(text: string): Float32Array | undefined {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length === 0 || bytes.length % 4 !== 0) return undefined;
  return Float32Array.from({ length: bytes.length / 4 }, (_none, at) => bytes.readFloatLE(at * 4));
}

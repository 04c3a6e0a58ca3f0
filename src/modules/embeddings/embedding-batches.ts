import { EmbeddingError } from './embedding-error.js';

/** How long a learned limit is believed: a provider may lift it. */
const believedMs = 60 * 60 * 1000;
/** So many models are remembered. */
const mostModels = 1_000;

/** How many texts one model takes in a call, as far as that is known. */
export interface BatchLimit {
  /** What is set or learned, the lower of both; Infinity while neither is known. */
  readonly texts: number;
  learn(texts: number): void;
}

/** What this process has learned of its providers' limits. */
export class BatchLimits {
  private readonly known = new Map<string, { readonly texts: number; readonly until: number }>();

  /** @param set what the connection says; a limit that is learned can only be lower. */
  of(connectionId: string, model: string, set: number | null = null): BatchLimit {
    const { known } = this;
    const key = `${connectionId} ${model}`;
    return {
      get texts() {
        const limit = known.get(key);
        const learned = limit === undefined || limit.until < Date.now() ? Infinity : limit.texts;
        return Math.min(learned, set ?? Infinity);
      },
      learn(texts) {
        known.delete(key);
        known.set(key, { texts, until: Date.now() + believedMs });
        if (known.size > mostModels) known.delete(known.keys().next().value ?? key);
      },
    };
  }
}

/**
 * The vectors of all texts, made in calls of as many as the provider takes. A call that is refused is made in halves. A
 * limit is learned only where every text of a refused call was then taken: else one of the texts was to blame.
 * @throws what `embed` throws, for a refusal only when it was of a single text.
 */
export async function embedInParts(
  texts: readonly string[],
  limit: BatchLimit,
  embed: (texts: readonly string[]) => Promise<Float32Array[]>,
): Promise<Float32Array[]> {
  if (texts.length > limit.texts) return inPartsOf(limit.texts, texts, limit, embed);
  try {
    return await embed(texts);
  } catch (error) {
    if (!(error instanceof EmbeddingError) || !error.refused || texts.length === 1) throw error;
  }
  const half = Math.ceil(texts.length / 2);
  const vectors = await inPartsOf(half, texts, limit, embed);
  if (half < limit.texts) limit.learn(half);
  return vectors;
}

async function inPartsOf(
  size: number,
  texts: readonly string[],
  limit: BatchLimit,
  embed: (texts: readonly string[]) => Promise<Float32Array[]>,
): Promise<Float32Array[]> {
  const vectors: Float32Array[] = [];
  for (let from = 0; from < texts.length; from += size)
    vectors.push(...(await embedInParts(texts.slice(from, from + size), limit, embed)));
  return vectors;
}

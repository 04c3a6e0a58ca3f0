import type { LearnedBatch } from '../connections/learned-batch.js';
import { EmbeddingError, type Refusal } from './embedding-error.js';

/** How long a learned limit is believed: a provider may lift it. */
const believedMs = 60 * 60 * 1000;
/** So many models are remembered. */
const mostModels = 1_000;

/** How many texts one model takes in a call, as far as that is known. */
export interface BatchLimit {
  /** What is set or learned, the lower of both; Infinity while neither is known. */
  readonly texts: number;
  /** Ends when the limit is kept. Never fails. */
  learn(texts: number, refusal: Refusal): Promise<void>;
}

/** What the connection says of its limit. */
export interface SaidLimit {
  /** What its admin has set: a limit that is learned can only be lower. */
  readonly embeddingBatchSize: number | null;
  /** What any process has learned, maybe of another model. */
  readonly embeddingBatchLearned: LearnedBatch | null;
}

/** Keeps a limit for the admin and for other processes. Never fails. */
export type KeepLimit = (learned: LearnedBatch) => Promise<void>;

interface OwnLimit {
  readonly texts: number;
  readonly until: number;
  /** The connection has said it too: when it says nothing any more, its admin has cleared it. */
  isSaid: boolean;
}

/** What this process has learned of its providers' limits. */
export class BatchLimits {
  private readonly known = new Map<string, OwnLimit>();

  of(connectionId: string, model: string, { embeddingBatchSize, embeddingBatchLearned }: SaidLimit, keep: KeepLimit): BatchLimit {
    const { known } = this;
    const key = `${connectionId} ${model}`;
    const own = known.get(key);
    if (own !== undefined && embeddingBatchLearned?.model === model) own.isSaid = true;
    if (own?.isSaid === true && embeddingBatchLearned === null) known.delete(key);
    return {
      get texts() {
        const limit = known.get(key);
        const learned = limit === undefined || limit.until < Date.now() ? Infinity : limit.texts;
        return Math.min(learned, believed(embeddingBatchLearned, model), embeddingBatchSize ?? Infinity);
      },
      learn(texts, { sentence }) {
        known.delete(key);
        known.set(key, { texts, until: Date.now() + believedMs, isSaid: false });
        if (known.size > mostModels) known.delete(known.keys().next().value ?? key);
        return keep({ model, size: texts, message: sentence, learnedAt: new Date() });
      },
    };
  }
}

function believed(learned: LearnedBatch | null, model: string): number {
  return learned?.model === model && learned.learnedAt.getTime() + believedMs >= Date.now() ? learned.size : Infinity;
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
  let refusal: Refusal;
  try {
    return await embed(texts);
  } catch (error) {
    if (!(error instanceof EmbeddingError) || error.refusal === undefined || texts.length === 1) throw error;
    ({ refusal } = error);
  }
  const half = Math.ceil(texts.length / 2);
  const vectors = await inPartsOf(half, texts, limit, embed);
  if (half < limit.texts) await limit.learn(half, refusal);
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

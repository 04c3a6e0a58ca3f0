/** What a provider's refusals taught: how many texts an embedding model takes in one call. */
export interface LearnedBatch {
  readonly model: string;
  readonly size: number;
  /** The provider's cleaned sentence, at most 500 characters; null when it gave none. */
  readonly message: string | null;
  readonly learnedAt: Date;
}

/** The columns of a connection that hold what was learned; either all but the sentence are null, or none of them. */
export interface LearnedBatchColumns {
  readonly embeddingBatchLearned: number | null;
  readonly embeddingBatchModel: string | null;
  readonly embeddingBatchRefusal: string | null;
  readonly embeddingBatchLearnedAt: Date | null;
}

/** The columns of a connection of which nothing was learned. */
export const nothingLearned = {
  embeddingBatchLearned: null,
  embeddingBatchModel: null,
  embeddingBatchRefusal: null,
  embeddingBatchLearnedAt: null,
} as const satisfies LearnedBatchColumns;

/** What was learned of a connection; null when nothing was. */
export function learnedBatchOf(row: LearnedBatchColumns): LearnedBatch | null {
  const { embeddingBatchLearned: size, embeddingBatchModel: model, embeddingBatchLearnedAt: learnedAt } = row;
  if (size === null || model === null || learnedAt === null) return null;
  return { model, size, message: row.embeddingBatchRefusal, learnedAt };
}

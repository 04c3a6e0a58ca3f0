/** Where to search: passages of these datasets and conversations whose vectors this embedding model made. */
export interface VectorScope {
  readonly datasetIds: readonly string[];
  readonly conversationIds: readonly string[];
  /** Exactly what the chunks carry as their embedding model: vectors of different models are not compared. */
  readonly embeddingModel: string;
  /** Only the passages of these ingestions, when it is given: an empty list finds nothing. An absent one adds nothing. */
  readonly only?: readonly IngestionKey[];
}

/** One ingestion of a file. */
export interface IngestionKey {
  readonly fileId: string;
  /** Empty: the file's own ingestion. */
  readonly ingestionId: string;
}

/** A passage that was found; `score` is the cosine of the angle to the question, from -1 to 1. */
export interface VectorHit extends IngestionKey {
  readonly ordinal: number;
  readonly score: number;
}

/** The passages of one target: a dataset or a conversation, named as the column of the tables that holds its id. */
export interface VectorTarget {
  readonly column: 'dataset_id' | 'conversation_id';
  readonly id: string;
}

/** The passages of one target whose vectors one model made, with so many numbers each. */
export interface VectorKind {
  readonly target: VectorTarget;
  readonly model: string;
  readonly dimensions: number;
}

/** Which part of the ten nearest of comparing all a search finds, in the mean of so many questions. */
export interface RecallSample {
  readonly value: number;
  readonly sampled: number;
}

/**
 * Finds the passages whose vectors point most nearly in the direction of a question's. Both drivers look only at chunks of
 * the tenant, of the scope and its filter, and of ingestions that have not failed, as the database stands when they are asked: a file that
 * was deleted is found no more. Vectors of another length than the question's and vectors without a
 * direction are passed over. Equal scores come in the order of file, ingestion and ordinal. Whoever writes chunks has no duty here:
 * both drivers see what is committed.
 */
export abstract class VectorSearch {
  /** The best passages, the best first, at most `limit` of them. @throws when the database cannot be reached. */
  abstract nearest(tenantId: string, scope: VectorScope, query: readonly number[], limit: number): Promise<readonly VectorHit[]>;

  /**
   * Measures the recall of searches, with stored vectors at random as questions. Reads the whole target. Null where a search
   * compares all anyway.
   */
  abstract recall(tenantId: string, kind: VectorKind, questions: number): Promise<RecallSample | null>;

  /** Bytes that the driver keeps of vectors in the memory of this process, as it was last told; 0 for one that keeps none. */
  abstract get memoryBytes(): number;

  /** Ends what the driver keeps open. Searches that are under way may fail. */
  abstract close(): Promise<void>;
}

/** The scope's datasets and conversations, each once; none when its filter leaves nothing. */
export function targetsOf(scope: VectorScope): VectorTarget[] {
  if (scope.only?.length === 0) return [];
  return [
    ...[...new Set(scope.datasetIds)].map((id): VectorTarget => ({ column: 'dataset_id', id })),
    ...[...new Set(scope.conversationIds)].map((id): VectorTarget => ({ column: 'conversation_id', id })),
  ];
}

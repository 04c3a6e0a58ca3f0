/** How a search weighs vectors and words, each from 0 to 1. */
export interface ScoreWeights {
  readonly vectors: number;
  readonly words: number;
}

/** What is known of a passage for a question. */
export interface PassageEvidence {
  /** The cosine of the angle between the vectors of passage and question; undefined: not known. */
  readonly cosine?: number;
  /** The best place among the passages that were found by words, from 0. */
  readonly wordPlace?: number;
  /** Whether the passage of that place has all words of the question, or only telling ones. */
  readonly hasAllWords?: boolean;
}

/** What a match of all words takes of the distance to a full score, and of some words. */
const [allWords, someWords] = [0.5, 0.2];
const k = 60;

/**
 * A score from 0 to 1: the cosine, and of what is missing to 1 a share when the words of the question are there, the larger
 * the better the place. So passages of one store compare over searches, and a better cosine or place never scores lower.
 */
export function passageScore({ cosine = 0, wordPlace, hasAllWords = false }: PassageEvidence, weights: ScoreWeights): number {
  const near = Math.min(1, Math.max(0, cosine)) * weights.vectors;
  if (wordPlace === undefined) return near;
  const share = (hasAllWords ? allWords : someWords) * ((k + 1) / (k + 1 + wordPlace)) * weights.words;
  return near + (1 - near) * share;
}

/** The cosine of the angle between two vectors; undefined when they cannot be compared. */
export function cosineOf(a: Float32Array, b: readonly number[]): number | undefined {
  if (a.length !== b.length) return undefined;
  let [product, ofA, ofB] = [0, 0, 0];
  for (const [at, x] of a.entries()) {
    const y = b[at] ?? 0;
    product += x * y;
    ofA += x * x;
    ofB += y * y;
  }
  const length = Math.sqrt(ofA * ofB);
  return length > 0 && Number.isFinite(length) ? product / length : undefined;
}

import type { StoreFilter } from '../../../contracts/vector-store-filters.js';
import type { Fields } from '../../../kernel/fields.js';

/** A store that a request names, and where. */
export interface NamedStore {
  readonly id: string;
  readonly param: string;
}

/** What the tool `file_search` of a request asks for. */
export interface FileSearch {
  readonly stores: readonly NamedStore[];
  /** False where the stores are only named: `tool_choice` allows no search. */
  readonly isWanted: boolean;
  /** How many passages at most. */
  readonly limit: number;
  /** Only passages of files whose attributes fulfil it. */
  readonly filters: StoreFilter | undefined;
  /** From 0 to 1; passages with a lower score are left out. */
  readonly threshold: number | undefined;
  readonly ranker: 'none' | 'auto' | 'default-2024-11-15' | undefined;
  /** How much vectors and words count beside each other. */
  readonly weights: { readonly vectors: number; readonly words: number } | undefined;
}

/** One passage that was found. */
export interface FileResult {
  readonly fileId: string;
  readonly filename: string;
  readonly score: number;
  readonly attributes: Fields;
  readonly text: string;
}

/** What a search in files has found. */
export interface SearchedFiles {
  readonly queries: readonly string[];
  /** The passages that the key may read itself, the best first; undefined where the search has failed. */
  readonly results: readonly FileResult[] | undefined;
  /** The files that the model can cite, by the numbers of their quotations. */
  readonly cited: ReadonlyMap<number, CitedFile>;
}

/** A file that a text cites. */
export interface CitedFile {
  readonly fileId: string;
  readonly filename: string;
}

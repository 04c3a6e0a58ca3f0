import type { SourceObject } from '../../retrieval/passage-block.js';
import type { SearchedFiles } from './file-search.js';

/** What documents add to a call: quotations for the model, and where they come from for the caller. */
export interface DocumentContext {
  /** The quotations as one text; undefined when nothing was found. The kind puts it into its own form. */
  readonly text: string | undefined;
  /** How many tokens the quotations may have at most, where documents were not asked. */
  readonly mostTokens?: number;
  /** Sentences of the text, which may not come back to the caller by a provider's error. */
  readonly hidden: readonly string[];
  /** The reply's `gt.sources`, in the order of the quotations. */
  readonly sources: readonly SourceObject[];
  /** What the request's own search in files has found; undefined where it made none. */
  readonly searched?: SearchedFiles | undefined;
}

/** Documents were asked and had no answer. */
export const nothingFound: DocumentContext = { text: undefined, hidden: [], sources: [] };

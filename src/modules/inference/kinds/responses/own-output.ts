import type { Fields } from '../../../../kernel/fields.js';
import { newSearchId } from '../../../conversations/own-search.js';
import type { Additions } from '../../call/dialogue.js';
import type { CitedFile, FileResult, SearchedFiles } from '../../call/file-search.js';

/** What `include` names the passages that a search in files has found. */
const searchResults = 'file_search_call.results';

/** What the platform itself says in a response. */
export interface OwnOutput {
  /** Items with which the output begins. */
  readonly items: readonly Fields[];
  /** The files that its texts may cite, by the numbers of their quotations. */
  readonly cited: ReadonlyMap<number, CitedFile>;
}

/** The provider alone says something. */
export const nothingOwn: OwnOutput = { items: [], cited: new Map() };

/** @param include what the request wants to be shown. */
export function ownOutput({ compaction, context }: Additions, include: readonly string[]): OwnOutput {
  const searched = context?.searched;
  if (compaction === undefined && searched === undefined) return nothingOwn;
  const search = searched === undefined ? [] : [searchItem(searched, include.includes(searchResults))];
  return { items: compaction === undefined ? search : [compaction, ...search], cited: searched?.cited ?? nothingOwn.cited };
}

function searchItem({ queries, results }: SearchedFiles, showsResults: boolean): Fields {
  return {
    id: newSearchId(),
    type: 'file_search_call',
    status: results === undefined ? 'failed' : 'completed',
    queries,
    results: results !== undefined && showsResults ? results.map(resultOf) : null,
  };
}

function resultOf({ fileId, filename, score, attributes, text }: FileResult): Fields {
  return { file_id: fileId, filename, score, attributes, text };
}

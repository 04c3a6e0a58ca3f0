import { defaultContextTokens } from '../../../contracts/agent-spec.js';
import type { Passage } from '../../retrieval/passage.js';
import { passageBlock } from '../../retrieval/passage-block.js';
import type { StorePassage } from '../../vector-stores/store-search.service.js';
import type { CallDraft } from '../call/call-plan.js';
import { nothingFound, type DocumentContext } from '../call/document-context.js';
import type { CitedFile, FileResult, SearchedFiles } from '../call/file-search.js';
import { estimateTokens } from '../call/token-estimate.js';
import type { FoundPassages } from './file-searches.js';

/** What documents say to one call. */
export interface Found {
  /** Of its agent's datasets and its conversation's files. */
  readonly own: readonly Passage[];
  /** Of the stores that it names. */
  readonly searched: FoundPassages | undefined;
}

/** So many tokens have the quotations that a call has not asked for. */
const mostOfOwn = 2_000;
/** So many have those that it has asked for (as with OpenAI). */
const mostOfSearched = 16_000;

/** How many tokens the quotations of a call may have: neither kind more than a quarter of its model's context. */
export function mostTokensOf({ endpoint }: CallDraft, has: { readonly own: boolean; readonly searched: boolean }): number {
  const quarter = Math.floor((endpoint.agent?.context_tokens ?? defaultContextTokens) / 4);
  return (has.own ? Math.min(mostOfOwn, quarter) : 0) + (has.searched ? Math.min(mostOfSearched, quarter) : 0);
}

/** The passages as quotations, those that the call has asked for first. */
export function contextOf({ own, searched }: Found, draft: CallDraft): DocumentContext {
  const asked = searched?.passages ?? [];
  const fitting = passageBlock(asked, limits(draft, { own: false, searched: true })).sources.length;
  const first = asked.slice(0, fitting);
  const known = new Set(first.map(placeOf));
  const further = own.filter((passage) => !known.has(placeOf(passage)));
  const has = { own: further.length > 0, searched: first.length > 0 };
  const { text, sources } = passageBlock([...first, ...further], limits(draft, has));
  const cited = first
    .slice(0, sources.length)
    .map(({ fileId, filename }, at): [number, CitedFile] => [sources[at]?.index ?? at + 1, { fileId, filename }]);
  const context = text === '' ? nothingFound : { text, hidden: sentencesOf(text), sources };
  return searched === undefined ? context : { ...context, searched: searchedFiles(searched, new Map(cited)) };
}

function limits(draft: CallDraft, has: { readonly own: boolean; readonly searched: boolean }) {
  return { maxTokens: mostTokensOf(draft, has), countTokens: estimateTokens };
}

function searchedFiles({ query, passages, shown }: FoundPassages, cited: ReadonlyMap<number, CitedFile>): SearchedFiles {
  return { queries: [query], results: passages === undefined ? undefined : shown.map(resultOf), cited };
}

function resultOf({ fileId, filename, score, attributes, text }: StorePassage): FileResult {
  return { fileId, filename, score, attributes, text };
}

function placeOf({ fileId, ingestionId, ordinal }: Passage): string {
  return JSON.stringify([fileId, ingestionId, ordinal]);
}

function sentencesOf(text: string): string[] {
  return text.split(/\n|(?<=[.!?。！？])\s*/).filter((sentence) => sentence.trim() !== '');
}

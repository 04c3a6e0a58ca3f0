import { Injectable } from '@nestjs/common';
import { maySearchStore } from '../../../catalog/decide.js';
import { AppError } from '../../../kernel/app-error.js';
import { Log } from '../../../observability/log.js';
import type { Passage } from '../../retrieval/passage.js';
import { questionText } from '../../retrieval/query-words.js';
import { RetrievalService, type EmbedTexts } from '../../retrieval/retrieval.service.js';
import type { CallDraft } from '../call/call-plan.js';
import type { FileSearch } from '../call/file-search.js';
import type { InferenceRequest } from '../call/inference-request.js';
import type { PassageTarget } from './passage-targets.repository.js';
import { QuestionVectors, type SearchingCall } from './question-vectors.js';
import { rejectionOf } from './rejection-of.js';
import { SearchedStoresRepository, type StoreRow } from './searched-stores.repository.js';

/** A store that a request may be answered from. */
export interface JudgedStore extends PassageTarget {
  /** The key may read it by itself: it is shown what was found in it. */
  readonly isReadable: boolean;
}

/** A search that a request asks for, in stores that it may name. */
export interface JudgedSearch {
  readonly asked: FileSearch;
  readonly stores: readonly JudgedStore[];
}

/** What such a search has found. */
export interface FoundPassages {
  /** What was looked for, as it was. */
  readonly query: string;
  /** Undefined where the search has failed. */
  readonly passages: readonly Passage[] | undefined;
  /** Those that the key may be shown. */
  readonly shown: readonly Passage[];
}

const searchTimeoutMs = 8_000;
/** So many models are asked for the vector of one question; stores of further ones are searched by words. */
const mostModels = 8;

/** The searches that requests ask for with the tool `file_search`. */
@Injectable()
export class FileSearches {
  constructor(
    private readonly stores: SearchedStoresRepository,
    private readonly retrieval: RetrievalService,
    private readonly vectors: QuestionVectors,
    private readonly log: Log,
  ) {}

  /**
   * Whether the request may name these stores. Those that its agent answers from need no right of the key: publishing them is
   * the grant. @throws AppError not_found for a store that is not there, another tenant's, or not the key's to read.
   */
  async judge(asked: FileSearch, { endpoint }: CallDraft, { identity }: InferenceRequest): Promise<JudgedSearch> {
    const { key, tenant } = identity;
    const ids = [...new Set(asked.stores.map(({ id }) => id))];
    const rows = new Map((await this.stores.find(key.tenantId, ids)).map((row) => [row.id, row]));
    const own = new Set(endpoint.agent?.datasets ?? []);
    const isReadable = ({ id, alias }: StoreRow): boolean => maySearchStore(key, tenant, { kind: 'dataset', id, alias });
    for (const { id, param } of asked.stores) {
      const row = rows.get(id);
      if (row !== undefined && (own.has(id) || isReadable(row))) continue;
      throw new AppError('not_found', { param, message: `No such vector store: '${id.slice(0, 128)}'.` });
    }
    return { asked, stores: [...rows.values()].map((row) => ({ ...row, isReadable: isReadable(row) })) };
  }

  /**
   * Searches. A search that fails is logged and prevents no answer; undefined where there is nothing to look for.
   * @throws the signal's reason alone.
   */
  async find({ asked, stores }: JudgedSearch, question: string, call: SearchingCall): Promise<FoundPassages | undefined> {
    const query = questionText(question);
    if (query === '') return undefined;
    const signal = AbortSignal.any([call.signal, AbortSignal.timeout(searchTimeoutMs)]);
    const { tenantId } = call.request.identity.key;
    try {
      const embed = ofFewModels(this.vectors.of({ ...call, signal }, stores));
      const search = this.retrieval.search(tenantId, stores, query, { limit: asked.limit, embed });
      const passages = await Promise.race([search, rejectionOf(signal)]);
      const readable = new Set(stores.filter(({ isReadable }) => isReadable).map(({ id }) => id));
      return { query, passages, shown: passages.filter(({ datasetId }) => readable.has(datasetId ?? '')) };
    } catch (error) {
      call.signal.throwIfAborted();
      this.log.warn('files could not be searched; the call is answered without them', {
        request_id: call.request.requestId,
        error: error instanceof Error ? error.message : String(error),
      });
      return { query, passages: undefined, shown: [] };
    }
  }
}

function ofFewModels(embed: EmbedTexts): EmbedTexts {
  let left = mostModels;
  return async (texts, model) => (left-- > 0 ? embed(texts, model) : null);
}

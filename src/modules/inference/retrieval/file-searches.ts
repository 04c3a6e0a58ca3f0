import { Injectable } from '@nestjs/common';
import { missingScopes, searchable } from '../../../catalog/decide.js';
import { allows, type Allowlist } from '../../../catalog/facts.js';
import type { Need } from '../../../catalog/needs.js';
import { AppError } from '../../../kernel/app-error.js';
import { idPrefixes } from '../../../kernel/ids.js';
import { Log } from '../../../observability/log.js';
import { questionText } from '../../retrieval/query-words.js';
import { noStore } from '../../vector-stores/no-store.js';
import { KeyTouches } from '../../usage/key-touches.js';
import type { StoreRow } from '../../vector-stores/store-record.js';
import { StoreSearchService, type StorePassage } from '../../vector-stores/store-search.service.js';
import type { CallDraft } from '../call/call-plan.js';
import type { FileSearch } from '../call/file-search.js';
import type { InferenceRequest } from '../call/inference-request.js';
import { invalid } from '../call/request-body.js';
import type { SearchingCall } from './question-vectors.js';
import { rejectionOf } from './rejection-of.js';

/** A search that a request asks for, in stores that it may name. */
export interface JudgedSearch {
  readonly asked: FileSearch;
  readonly stores: readonly StoreRow[];
  /** Ids of those that the key may read by itself: it is shown what was found in them. */
  readonly readable: ReadonlySet<string>;
}

/** What such a search has found. */
export interface FoundPassages {
  /** What was looked for, as it was. */
  readonly query: string;
  /** Undefined where the search has failed. */
  readonly passages: readonly StorePassage[] | undefined;
  /** Those that the key may be shown. */
  readonly shown: readonly StorePassage[];
}

const searchTimeoutMs = 8_000;
/** A search waits no longer for the vector of its question; then it goes by words alone. */
const embedTimeoutMs = 4_000;
/** Of vector stores. */
const scope = 'vector_stores:read';
const idForm = /^[\w-]+$/;
/** So many models are asked for the vector of one question. */
const mostModels = 8;

/** The searches that requests ask for with the tool `file_search`. */
@Injectable()
export class FileSearches {
  constructor(
    private readonly stores: StoreSearchService,
    private readonly log: Log,
    private readonly touches: KeyTouches,
  ) {}

  /**
   * Whether the request may name these stores. Those that its agent answers from need no right of the key: publishing them is
   * the grant. @throws AppError insufficient_scope for a key that reads no vector stores; not_found for a store that is not there,
   * another tenant's, or not the key's to read; invalid_value for one that has expired, and for stores of too many models.
   */
  async judge(asked: FileSearch, { endpoint }: CallDraft, { identity }: InferenceRequest): Promise<JudgedSearch> {
    const { key } = identity;
    const may = searchable(key, identity.tenant);
    const isNone = (id: string): boolean => !idForm.test(id) || (!may.stores && id.startsWith(idPrefixes.vectorStore));
    const refused = asked.stores.find(({ id }) => isNone(id));
    if (refused !== undefined) {
      const lacksScope = !key.effectiveScopes.has(scope) && !identity.tenant.groupsOff.has('vector_stores');
      // Whatever the store is: so it tells nothing of it.
      if (lacksScope && refused.id.startsWith(idPrefixes.vectorStore))
        throw new AppError('insufficient_scope', { param: refused.param, message: missingScopes([scope]) });
      throw noStore(refused.param);
    }
    const datasets = withOwn(may.datasets, endpoint.agent?.datasets ?? []);
    const ids = asked.stores.map(({ id }) => id);
    const paramOf = (at: number): string => asked.stores[at]?.param ?? 'tools';
    const stores = await this.stores.resolve({ tenantId: key.tenantId, keyId: key.id, datasets, files: 'absent' }, ids, paramOf);
    const models = new Set(stores.map(({ connectionId, model }) => JSON.stringify([connectionId, model])));
    if (models.size > mostModels)
      throw invalid(paramOf(0).replace(/\[\d+\]$/, ''), `expected stores of at most ${mostModels} embedding models`);
    const readable = stores.filter(
      ({ vectorStore, id, alias }) => vectorStore !== null || allows(may.datasets, id) || allows(may.datasets, alias),
    );
    this.touches.rely(key, readable.map(readingNeed));
    return { asked, stores, readable: new Set(readable.map(({ id }) => id)) };
  }

  /**
   * Searches. A search that fails is logged and prevents no answer; undefined where there is nothing to look for.
   * @throws the signal's reason alone.
   */
  async find(
    { asked, stores, readable }: JudgedSearch,
    question: string,
    { request, signal }: SearchingCall,
  ): Promise<FoundPassages | undefined> {
    const query = questionText(question);
    if (query === '') return undefined;
    const ended = AbortSignal.any([signal, AbortSignal.timeout(searchTimeoutMs)]);
    const { tenantId, id: keyId } = request.identity.key;
    const { limit, filters, threshold, ranker, weights } = asked;
    const who = { keyId, requestId: request.requestId, route: 'retrieval.embed' };
    const embedding = AbortSignal.any([ended, AbortSignal.timeout(embedTimeoutMs)]);
    try {
      const asking = { queries: [query], limit, filters, threshold, ranker, weights, signal: embedding, ...who };
      const passages = await Promise.race([this.stores.find(tenantId, stores, asking), rejectionOf(ended)]);
      return { query, passages, shown: passages.filter(({ datasetId }) => readable.has(datasetId ?? '')) };
    } catch (error) {
      signal.throwIfAborted();
      this.log.warn('files could not be searched; the call is answered without them', {
        request_id: request.requestId,
        error: error instanceof Error ? error.message : String(error),
      });
      return { query, passages: undefined, shown: [] };
    }
  }
}

/** What the key is needed for to be shown what was found in a store, as `searchable` has it. */
function readingNeed({ vectorStore }: StoreRow): Need {
  return vectorStore === null ? ['datasets:read', scope] : [scope];
}

/** The datasets that a call may name: its key's, and those that its agent answers from. */
function withOwn(allowed: Allowlist, own: readonly string[]): Allowlist {
  return allowed === '*' ? allowed : new Set([...allowed, ...own]);
}

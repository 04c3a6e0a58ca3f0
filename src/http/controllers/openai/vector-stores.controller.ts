import { Controller, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { presentTextPage } from '../../../contracts/lists.js';
import { StoreSearchService } from '../../../modules/vector-stores/store-search.service.js';
import { VectorStoresService } from '../../../modules/vector-stores/vector-stores.service.js';
import { storeReaderOf } from '../../auth/store-reader.js';
import { recordedAs } from '../../idempotency/recorded-as.js';
import { presentResults } from '../../presenters/store-file.presenter.js';
import { presentVectorStore } from '../../presenters/vector-store.presenter.js';
import { GtRoute } from '../../routing/gt-route.decorator.js';
import { pathParameter } from '../../routing/path-parameter.js';
import { bodyOf } from '../../routing/row-body.js';
import { queryOf } from '../../routing/row-query.js';

/** OpenAI's vector stores; datasets of the key's allowlist are among them, and can only be read. */
@Controller()
export class VectorStoresController {
  constructor(
    private readonly stores: VectorStoresService,
    private readonly searches: StoreSearchService,
  ) {}

  @GtRoute('vector_stores.list')
  async list(@Req() request: FastifyRequest) {
    const query = queryOf(request, 'vector_stores.list');
    return presentTextPage(await this.stores.list(storeReaderOf(request), query), presentVectorStore);
  }

  @GtRoute('vector_stores.get')
  async get(@Req() request: FastifyRequest) {
    queryOf(request, 'vector_stores.get');
    return presentVectorStore(await this.stores.get(storeReaderOf(request), pathParameter(request, 'vector_store_id')));
  }

  @GtRoute('vector_stores.create')
  async create(@Req() request: FastifyRequest) {
    queryOf(request, 'vector_stores.create');
    const input = bodyOf(request, 'vector_stores.create');
    return presentVectorStore(await this.stores.create(storeReaderOf(request), input, recordedAs(request, presentVectorStore)));
  }

  @GtRoute('vector_stores.update')
  async update(@Req() request: FastifyRequest) {
    queryOf(request, 'vector_stores.update');
    const input = bodyOf(request, 'vector_stores.update');
    const id = pathParameter(request, 'vector_store_id');
    const recording = recordedAs(request, presentVectorStore);
    return presentVectorStore(await this.stores.update(storeReaderOf(request), id, input, recording));
  }

  @GtRoute('vector_stores.delete')
  async delete(@Req() request: FastifyRequest) {
    queryOf(request, 'vector_stores.delete');
    const id = pathParameter(request, 'vector_store_id');
    await this.stores.delete(storeReaderOf(request), id);
    return { id, object: 'vector_store.deleted', deleted: true };
  }

  @GtRoute('vector_stores.search')
  async search(@Req() request: FastifyRequest) {
    queryOf(request, 'vector_stores.search');
    const { query, max_num_results: limit, filters, ranking_options: ranking } = bodyOf(request, 'vector_stores.search');
    const queries = typeof query === 'string' ? [query] : query;
    const reader = storeReaderOf(request);
    const stores = await this.searches.resolve(reader, [pathParameter(request, 'vector_store_id')], () => 'vector_store_id');
    const { tenantId, keyId } = reader;
    const passages = await this.searches.find(tenantId, stores, {
      queries,
      limit,
      filters,
      threshold: ranking?.score_threshold,
      ranker: ranking?.ranker,
      keyId,
      requestId: request.gt.requestId,
      route: 'vector_stores.search',
    });
    return presentResults(queries, passages);
  }
}

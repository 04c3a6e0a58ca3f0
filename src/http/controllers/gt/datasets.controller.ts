import { Controller, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { presentPage } from '../../../contracts/lists.js';
import { DatasetSearchService } from '../../../modules/datasets/dataset-search.service.js';
import { KeyDatasetsService } from '../../../modules/datasets/key-datasets.service.js';
import { identityOf } from '../../auth/identity.js';
import { presentKeyDataset, presentPassage } from '../../presenters/key-dataset.presenter.js';
import { GtRoute } from '../../routing/gt-route.decorator.js';
import { pathParameter } from '../../routing/path-parameter.js';
import { bodyOf } from '../../routing/row-body.js';
import { queryOf } from '../../routing/row-query.js';

/** Datasets of the key's allowlist, by id or alias. */
@Controller()
export class DatasetsController {
  constructor(
    private readonly datasets: KeyDatasetsService,
    private readonly searches: DatasetSearchService,
  ) {}

  @GtRoute('datasets.list')
  async list(@Req() request: FastifyRequest) {
    return presentPage(await this.datasets.list(identityOf(request).key, queryOf(request, 'datasets.list')), presentKeyDataset);
  }

  @GtRoute('datasets.get')
  async get(@Req() request: FastifyRequest) {
    queryOf(request, 'datasets.get');
    return presentKeyDataset(await this.datasets.get(identityOf(request).key, pathParameter(request, 'dataset_id')));
  }

  @GtRoute('datasets.search')
  async search(@Req() request: FastifyRequest) {
    queryOf(request, 'datasets.search');
    const { query, limit } = bodyOf(request, 'datasets.search');
    const { key } = identityOf(request);
    const question = { key, dataset: pathParameter(request, 'dataset_id'), query, limit, requestId: request.gt.requestId };
    return { object: 'list', data: (await this.searches.search(question)).map(presentPassage) };
  }
}

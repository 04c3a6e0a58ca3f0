import { Controller, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { presentPage } from '../../../contracts/lists.js';
import { DatasetsService } from '../../../modules/datasets/datasets.service.js';
import { Actors } from '../../auth/actor.js';
import { presentDataset } from '../../presenters/dataset.presenter.js';
import { presentDeleted } from '../../presenters/deleted.presenter.js';
import { AdminRoute } from '../../routing/gt-route.decorator.js';
import { pathParameter } from '../../routing/path-parameter.js';
import { adminBodyOf } from '../../routing/row-body.js';
import { adminQueryOf } from '../../routing/row-query.js';

/** The doors of datasets on the admin plane. */
@Controller()
export class DatasetsAdminController {
  constructor(
    private readonly datasets: DatasetsService,
    private readonly actors: Actors,
  ) {}

  @AdminRoute('datasets.list')
  async list(@Req() request: FastifyRequest) {
    const query = adminQueryOf(request, 'datasets.list');
    return presentPage(await this.datasets.list(await this.actors.of(request), query), presentDataset);
  }

  @AdminRoute('datasets.create')
  async create(@Req() request: FastifyRequest) {
    adminQueryOf(request, 'datasets.create');
    const input = adminBodyOf(request, 'datasets.create');
    const actor = await this.actors.of(request, input.tenant);
    return presentDataset(await this.datasets.create(actor, input));
  }

  @AdminRoute('datasets.get')
  async get(@Req() request: FastifyRequest) {
    adminQueryOf(request, 'datasets.get');
    return presentDataset(await this.datasets.get(await this.actors.of(request), pathParameter(request, 'id')));
  }

  @AdminRoute('datasets.update')
  async update(@Req() request: FastifyRequest) {
    adminQueryOf(request, 'datasets.update');
    const input = adminBodyOf(request, 'datasets.update');
    const actor = await this.actors.of(request, input.tenant);
    return presentDataset(await this.datasets.update(actor, pathParameter(request, 'id'), input));
  }

  @AdminRoute('datasets.delete')
  async delete(@Req() request: FastifyRequest) {
    adminQueryOf(request, 'datasets.delete');
    const id = pathParameter(request, 'id');
    await this.datasets.delete(await this.actors.of(request), id);
    return presentDeleted('dataset', id);
  }
}

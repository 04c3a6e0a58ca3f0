import { Controller, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { DatasetSearchService } from '../../../modules/datasets/dataset-search.service.js';
import { DatasetsService } from '../../../modules/datasets/datasets.service.js';
import { DatasetFilesService } from '../../../modules/files/dataset-files.service.js';
import { Actors } from '../../auth/actor.js';
import { presentAdminFile } from '../../presenters/file.presenter.js';
import { presentPassage } from '../../presenters/key-dataset.presenter.js';
import { AdminRoute } from '../../routing/gt-route.decorator.js';
import { pathParameter } from '../../routing/path-parameter.js';
import { adminBodyOf } from '../../routing/row-body.js';
import { adminQueryOf } from '../../routing/row-query.js';
import { AdminUploads } from '../../uploads/admin-uploads.js';
import { isRetry } from '../../uploads/upload-reader.js';

/** What people of a tenant put into a dataset, and look for in it. */
@Controller()
export class DatasetFilesAdminController {
  constructor(
    private readonly datasets: DatasetsService,
    private readonly files: DatasetFilesService,
    private readonly searches: DatasetSearchService,
    private readonly uploads: AdminUploads,
    private readonly actors: Actors,
  ) {}

  @AdminRoute('datasets.upload')
  async upload(@Req() request: FastifyRequest) {
    const id = pathParameter(request, 'id');
    const file = await this.uploads.receive(request, 'datasets.upload', {
      before: async (bytes) => {
        adminQueryOf(request, 'datasets.upload');
        const actor = await this.actors.of(request);
        await this.datasets.get(actor, id);
        await this.files.refuseWithoutRoom(actor, bytes);
        return actor;
      },
      take: (content, actor) => this.files.accept(actor, id, content, isRetry(request)),
    });
    return presentAdminFile(file);
  }

  @AdminRoute('datasets.search')
  async search(@Req() request: FastifyRequest) {
    adminQueryOf(request, 'datasets.search');
    const { tenant, query, limit } = adminBodyOf(request, 'datasets.search');
    const actor = await this.actors.of(request, tenant);
    const found = await this.searches.searchAs(actor, pathParameter(request, 'id'), { query, limit });
    return { object: 'list', data: found.map(presentPassage) };
  }
}

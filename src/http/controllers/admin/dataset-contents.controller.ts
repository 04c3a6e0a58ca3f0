import { Controller, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Config } from '../../../config/config.module.js';
import type { ImportObject } from '../../../contracts/datasets.js';
import { AppError } from '../../../kernel/app-error.js';
import { DatasetImportService } from '../../../modules/datasets/dataset-import.service.js';
import { DatasetsService } from '../../../modules/datasets/datasets.service.js';
import { Actors } from '../../auth/actor.js';
import { readMultipart } from '../../uploads/multipart-reader.js';
import { drainPolitely } from '../../uploads/polite-drain.js';
import { AdminRoute } from '../../routing/gt-route.decorator.js';
import { pathParameter } from '../../routing/path-parameter.js';
import { adminBodyOf } from '../../routing/row-body.js';
import { adminQueryOf } from '../../routing/row-query.js';

/** What a dataset holds, on the admin plane: new passages for all its files, and files from an archive. */
@Controller()
export class DatasetContentsController {
  constructor(
    private readonly datasets: DatasetsService,
    private readonly imports: DatasetImportService,
    private readonly actors: Actors,
    private readonly config: Config,
  ) {}

  @AdminRoute('datasets.reembed')
  async reembed(@Req() request: FastifyRequest) {
    adminQueryOf(request, 'datasets.reembed');
    const { tenant } = adminBodyOf(request, 'datasets.reembed');
    const actor = await this.actors.of(request, tenant);
    return { object: 'dataset.reembed', ...(await this.datasets.reembed(actor, pathParameter(request, 'id'))) };
  }

  @AdminRoute('datasets.import')
  async import(@Req() request: FastifyRequest): Promise<ImportObject> {
    const id = pathParameter(request, 'id');
    const actor = await this.permitted(request, id);
    const { file } = await readMultipart(request.raw, {
      fileField: 'file',
      maxFileBytes: this.config.GT_MAX_FILE_BYTES,
      maxFields: 1,
      maxFieldBytes: 128,
      begin: () => this.imports.begin(),
      onFirstBytes: refuseOtherThanArchives,
    });
    try {
      const results = await this.imports.import(actor, id, file.writer);
      const accepted = results.filter(({ fileId }) => fileId !== null).length;
      return {
        object: 'dataset.import',
        id,
        accepted,
        refused: results.length - accepted,
        results: results.map(({ name, fileId, error }) => ({ name, file_id: fileId, error })),
      };
    } finally {
      await file.writer.abort();
    }
  }

  /** Who imports, and that there is the dataset: asked before anything is received. */
  private async permitted(request: FastifyRequest, id: string) {
    try {
      adminQueryOf(request, 'datasets.import');
      const actor = await this.actors.of(request);
      await this.datasets.get(actor, id);
      return actor;
    } catch (error) {
      drainPolitely(request.raw);
      throw error;
    }
  }
}

function refuseOtherThanArchives(head: Buffer): void {
  if (!head.toString('latin1', 0, 2).startsWith('PK')) {
    throw new AppError('unsupported_media_type', { param: 'file', message: 'The file must be a ZIP archive.' });
  }
}

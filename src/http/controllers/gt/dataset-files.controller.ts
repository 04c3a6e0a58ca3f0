import { Controller, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { presentPage } from '../../../contracts/lists.js';
import { KeyDatasetsService } from '../../../modules/datasets/key-datasets.service.js';
import { FileIntake } from '../../../modules/files/intake/file-intake.js';
import { FilesService } from '../../../modules/files/files.service.js';
import { identityOf } from '../../auth/identity.js';
import { recordedAs } from '../../idempotency/recorded-as.js';
import { presentDeleted } from '../../presenters/deleted.presenter.js';
import { presentFile } from '../../presenters/file.presenter.js';
import { GtRoute } from '../../routing/gt-route.decorator.js';
import { pathParameter } from '../../routing/path-parameter.js';
import { formFieldsOf } from '../../routing/row-body.js';
import { queryOf } from '../../routing/row-query.js';
import { isRetry, UploadReader, uploaderOf } from '../../uploads/upload-reader.js';

/** The files of a dataset. */
@Controller()
export class DatasetFilesController {
  constructor(
    private readonly datasets: KeyDatasetsService,
    private readonly files: FilesService,
    private readonly intake: FileIntake,
    private readonly uploads: UploadReader,
  ) {}

  @GtRoute('datasets.files.list')
  async list(@Req() request: FastifyRequest) {
    const query = queryOf(request, 'datasets.files.list');
    const { id, tenantId } = await this.dataset(request);
    return presentPage(await this.files.listOf(tenantId, { datasetId: id }, query), presentFile);
  }

  @GtRoute('datasets.files.create')
  async create(@Req() request: FastifyRequest) {
    const file = await this.uploads.receive(request, {
      fields: formFieldsOf(request, 'datasets.files.create'),
      before: () => {
        queryOf(request, 'datasets.files.create');
        return this.datasets.recall(identityOf(request).key, pathParameter(request, 'dataset_id'));
      },
      take: ({ content }, { id }) =>
        this.intake.accept(
          { ...uploaderOf(request), owner: { datasetId: id }, isRetry: isRetry(request) },
          content,
          recordedAs(request, presentFile),
        ),
    });
    return presentFile(file);
  }

  @GtRoute('datasets.files.delete')
  async delete(@Req() request: FastifyRequest) {
    queryOf(request, 'datasets.files.delete');
    const { id } = await this.dataset(request);
    const fileId = pathParameter(request, 'file_id');
    await this.files.delete(identityOf(request).key, { datasetId: id }, fileId);
    return presentDeleted('file', fileId);
  }

  private dataset(request: FastifyRequest) {
    return this.datasets.resolve(identityOf(request).key, pathParameter(request, 'dataset_id'));
  }
}

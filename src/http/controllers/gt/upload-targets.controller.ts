import { Controller, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Config } from '../../../config/config.module.js';
import type { UploadTargetObject } from '../../../contracts/files.js';
import { KeyDatasetsService } from '../../../modules/datasets/key-datasets.service.js';
import { acceptedMediaTypes } from '../../../modules/files/intake/file-types.js';
import { identityOf } from '../../auth/identity.js';
import { presentConversationTarget, presentDatasetTarget, type UploadBounds } from '../../presenters/key-dataset.presenter.js';
import { GtRoute } from '../../routing/gt-route.decorator.js';
import { queryOf } from '../../routing/row-query.js';

/** Where a key may upload: exactly what the upload routes let it. */
@Controller()
export class UploadTargetsController {
  private readonly bounds: UploadBounds;

  constructor(
    private readonly datasets: KeyDatasetsService,
    config: Config,
  ) {
    this.bounds = { maxBytes: config.GT_MAX_FILE_BYTES, mediaTypes: acceptedMediaTypes(config) };
  }

  @GtRoute('upload_targets.list')
  async list(@Req() request: FastifyRequest) {
    queryOf(request, 'upload_targets.list');
    const { key } = identityOf(request);
    const data: UploadTargetObject[] = (await this.datasets.targets(key)).map((dataset) =>
      presentDatasetTarget(dataset, this.bounds),
    );
    if (key.effectiveScopes.has('conversations:files')) data.push(presentConversationTarget(this.bounds));
    return { object: 'list', data, first_id: data[0]?.id ?? null, last_id: data.at(-1)?.id ?? null, has_more: false };
  }
}

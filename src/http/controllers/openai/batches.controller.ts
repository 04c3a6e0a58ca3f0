import { Controller, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { BatchesService } from '../../../modules/batches/batches.service.js';
import { identityOf } from '../../auth/identity.js';
import { recordedAs } from '../../idempotency/recorded-as.js';
import { presentBatch, presentBatches } from '../../presenters/batch.presenter.js';
import { GtRoute } from '../../routing/gt-route.decorator.js';
import { pathParameter } from '../../routing/path-parameter.js';
import { bodyOf } from '../../routing/row-body.js';
import { queryOf } from '../../routing/row-query.js';

/** Batches of the tenant, as OpenAI has them. */
@Controller()
export class BatchesController {
  constructor(private readonly batches: BatchesService) {}

  @GtRoute('batches.create')
  async create(@Req() request: FastifyRequest) {
    queryOf(request, 'batches.create');
    const { tenantId, id: keyId } = identityOf(request).key;
    const asked = bodyOf(request, 'batches.create');
    const maker = { tenantId, keyId, ip: request.gt.ip };
    return presentBatch(await this.batches.create(maker, asked, recordedAs(request, presentBatch)));
  }

  @GtRoute('batches.list')
  async list(@Req() request: FastifyRequest) {
    const query = queryOf(request, 'batches.list');
    return presentBatches(await this.batches.list(identityOf(request).key.tenantId, query));
  }

  @GtRoute('batches.get')
  async get(@Req() request: FastifyRequest) {
    queryOf(request, 'batches.get');
    return presentBatch(await this.batches.get(placeOf(request)));
  }

  @GtRoute('batches.cancel')
  async cancel(@Req() request: FastifyRequest) {
    queryOf(request, 'batches.cancel');
    return presentBatch(await this.batches.cancel(placeOf(request), recordedAs(request, presentBatch)));
  }
}

function placeOf(request: FastifyRequest) {
  return { tenantId: identityOf(request).key.tenantId, id: pathParameter(request, 'batch_id') };
}

import { Controller, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { presentPage } from '../../../contracts/lists.js';
import { RequestLogService } from '../../../modules/request-log/request-log.service.js';
import { Actors } from '../../auth/actor.js';
import { presentRequest, presentRequestDetails } from '../../presenters/request.presenter.js';
import { AdminRoute } from '../../routing/gt-route.decorator.js';
import { pathParameter } from '../../routing/path-parameter.js';
import { adminQueryOf } from '../../routing/row-query.js';

/** The doors of a tenant's request log. */
@Controller()
export class RequestsController {
  constructor(
    private readonly requests: RequestLogService,
    private readonly actors: Actors,
  ) {}

  @AdminRoute('requests.list')
  async list(@Req() request: FastifyRequest) {
    const query = adminQueryOf(request, 'requests.list');
    const { tenantId } = await this.actors.of(request);
    return presentPage(await this.requests.list(tenantId, query), presentRequest);
  }

  @AdminRoute('requests.get')
  async get(@Req() request: FastifyRequest) {
    adminQueryOf(request, 'requests.get');
    const { tenantId } = await this.actors.of(request);
    return presentRequestDetails(await this.requests.get(tenantId, pathParameter(request, 'id')));
  }
}

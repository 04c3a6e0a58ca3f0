import { Controller, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { adminRouteRow } from '../../../catalog/admin-routes.js';
import { presentPage } from '../../../contracts/lists.js';
import { ErasuresService } from '../../../modules/erasure/erasures.service.js';
import { operatorOf } from '../../auth/operator-actor.js';
import { presentErasure } from '../../presenters/erasure.presenter.js';
import { AdminRoute, adminBase } from '../../routing/gt-route.decorator.js';
import { pathParameter } from '../../routing/path-parameter.js';
import { adminBodyOf } from '../../routing/row-body.js';
import { adminQueryOf } from '../../routing/row-query.js';

/** The doors of erasures of tenants. */
@Controller()
export class ErasuresController {
  constructor(private readonly erasures: ErasuresService) {}

  @AdminRoute('tenants.erase')
  async erase(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply) {
    adminQueryOf(request, 'tenants.erase');
    const { confirm } = adminBodyOf(request, 'tenants.erase');
    const erasure = await this.erasures.begin(operatorOf(request), pathParameter(request, 'id'), confirm);
    void reply.header('location', adminBase + adminRouteRow('erasures.get').path.replace('{id}', erasure.id));
    return presentErasure(erasure);
  }

  @AdminRoute('erasures.list')
  async list(@Req() request: FastifyRequest) {
    return presentPage(await this.erasures.list(adminQueryOf(request, 'erasures.list')), presentErasure);
  }

  @AdminRoute('erasures.get')
  async get(@Req() request: FastifyRequest) {
    adminQueryOf(request, 'erasures.get');
    return presentErasure(await this.erasures.get(pathParameter(request, 'id')));
  }
}

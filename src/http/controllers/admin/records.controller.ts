import { Controller, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { UsageService } from '../../../modules/usage/usage.service.js';
import { Actors } from '../../auth/actor.js';
import { presentAdminUsagePage, presentUsageGroups } from '../../presenters/usage.presenter.js';
import { AdminRoute } from '../../routing/gt-route.decorator.js';
import { adminQueryOf } from '../../routing/row-query.js';

/** The doors of a tenant's usage. */
@Controller()
export class RecordsController {
  constructor(
    private readonly usage: UsageService,
    private readonly actors: Actors,
  ) {}

  @AdminRoute('usage.list')
  async listUsage(@Req() request: FastifyRequest) {
    const query = adminQueryOf(request, 'usage.list');
    const { tenantId } = await this.actors.of(request);
    return presentAdminUsagePage(await this.usage.listOfTenant(tenantId, query));
  }

  @AdminRoute('usage.groups')
  async groupUsage(@Req() request: FastifyRequest) {
    const query = adminQueryOf(request, 'usage.groups');
    const { tenantId } = await this.actors.of(request);
    return presentUsageGroups(await this.usage.groupsOfTenant(tenantId, query));
  }
}

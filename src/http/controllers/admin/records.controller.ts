import { Controller, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { presentPage } from '../../../contracts/lists.js';
import { AuditService } from '../../../modules/audit/audit.service.js';
import { UsageService } from '../../../modules/usage/usage.service.js';
import { Actors } from '../../auth/actor.js';
import { presentAudit } from '../../presenters/audit.presenter.js';
import { presentAdminUsagePage, presentUsageGroups } from '../../presenters/usage.presenter.js';
import { AdminRoute } from '../../routing/gt-route.decorator.js';
import { adminQueryOf } from '../../routing/row-query.js';

/** The doors of what was recorded: a tenant's usage, its audit, and the operators' audit. */
@Controller()
export class RecordsController {
  constructor(
    private readonly usage: UsageService,
    private readonly audit: AuditService,
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

  @AdminRoute('audit.list')
  async listAudit(@Req() request: FastifyRequest) {
    const query = adminQueryOf(request, 'audit.list');
    return presentPage(await this.audit.list(await this.actors.of(request), query), presentAudit);
  }

  @AdminRoute('operator-audit.list')
  async listOperatorAudit(@Req() request: FastifyRequest) {
    return presentPage(await this.audit.listOperators(adminQueryOf(request, 'operator-audit.list')), presentAudit);
  }
}

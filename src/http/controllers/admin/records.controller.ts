import { Controller, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { listAuditQuery, listOperatorAuditQuery } from '../../../contracts/audit.js';
import { presentPage } from '../../../contracts/lists.js';
import { listAdminUsageQuery } from '../../../contracts/usage.js';
import { AuditService } from '../../../modules/audit/audit.service.js';
import { UsageService } from '../../../modules/usage/usage.service.js';
import { Actors } from '../../auth/actor.js';
import { parseQuery } from '../../body/parse-input.js';
import { presentAudit } from '../../presenters/audit.presenter.js';
import { presentUsagePage } from '../../presenters/usage.presenter.js';
import { AdminRoute } from '../../routing/gt-route.decorator.js';

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
    const query = parseQuery(request, listAdminUsageQuery);
    const { tenantId } = await this.actors.of(request);
    return presentUsagePage(await this.usage.listOfTenant(tenantId, query));
  }

  @AdminRoute('audit.list')
  async listAudit(@Req() request: FastifyRequest) {
    const query = parseQuery(request, listAuditQuery);
    return presentPage(await this.audit.list(await this.actors.of(request), query), presentAudit);
  }

  @AdminRoute('operator-audit.list')
  async listOperatorAudit(@Req() request: FastifyRequest) {
    return presentPage(await this.audit.listOperators(parseQuery(request, listOperatorAuditQuery)), presentAudit);
  }
}

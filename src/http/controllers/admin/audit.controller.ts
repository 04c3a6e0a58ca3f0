import { Controller, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { presentPage } from '../../../contracts/lists.js';
import { AuditService } from '../../../modules/audit/audit.service.js';
import { VerificationService } from '../../../modules/audit-chain/verification.service.js';
import { Actors } from '../../auth/actor.js';
import { presentVerification } from '../../presenters/audit-verification.presenter.js';
import { presentAudit } from '../../presenters/audit.presenter.js';
import { AdminRoute } from '../../routing/gt-route.decorator.js';
import { adminQueryOf } from '../../routing/row-query.js';

/** The doors of the audit: a tenant's, and the operators'. */
@Controller()
export class AuditController {
  constructor(
    private readonly audit: AuditService,
    private readonly verification: VerificationService,
    private readonly actors: Actors,
  ) {}

  @AdminRoute('audit.list')
  async list(@Req() request: FastifyRequest) {
    const query = adminQueryOf(request, 'audit.list');
    return presentPage(await this.audit.list(await this.actors.of(request), query), presentAudit);
  }

  @AdminRoute('audit.verify')
  async verify(@Req() request: FastifyRequest) {
    adminQueryOf(request, 'audit.verify');
    const { tenantId } = await this.actors.of(request);
    return presentVerification({ tenantId }, await this.verification.verify({ tenantId }));
  }

  @AdminRoute('operator-audit.list')
  async listOperators(@Req() request: FastifyRequest) {
    return presentPage(await this.audit.listOperators(adminQueryOf(request, 'operator-audit.list')), presentAudit);
  }

  @AdminRoute('operator-audit.verify')
  async verifyOperators(@Req() request: FastifyRequest) {
    adminQueryOf(request, 'operator-audit.verify');
    const chain = { tenantId: null };
    return presentVerification(chain, await this.verification.verify(chain));
  }
}

import { Controller, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { presentPage } from '../../../contracts/lists.js';
import { ApprovalsService } from '../../../modules/approvals/approvals.service.js';
import { DecisionsService, type Decision } from '../../../modules/approvals/decisions.service.js';
import { Actors } from '../../auth/actor.js';
import { presentHeldCall, presentShownHeldCall } from '../../presenters/approval.presenter.js';
import { AdminRoute } from '../../routing/gt-route.decorator.js';
import { pathParameter } from '../../routing/path-parameter.js';
import { adminBodyOf } from '../../routing/row-body.js';
import { adminQueryOf } from '../../routing/row-query.js';

/** The doors of those who decide on held calls. */
@Controller()
export class ApprovalsAdminController {
  constructor(
    private readonly approvals: ApprovalsService,
    private readonly decisions: DecisionsService,
    private readonly actors: Actors,
  ) {}

  @AdminRoute('approvals.list')
  async list(@Req() request: FastifyRequest) {
    const query = adminQueryOf(request, 'approvals.list');
    return presentPage(await this.approvals.list(await this.actors.of(request), query), presentHeldCall);
  }

  @AdminRoute('approvals.get')
  async get(@Req() request: FastifyRequest) {
    adminQueryOf(request, 'approvals.get');
    return presentShownHeldCall(await this.approvals.get(await this.actors.of(request), pathParameter(request, 'id')));
  }

  @AdminRoute('approvals.approve')
  async approve(@Req() request: FastifyRequest) {
    adminQueryOf(request, 'approvals.approve');
    const { tenant, reason = null } = adminBodyOf(request, 'approvals.approve');
    return this.decide(request, tenant, { approve: true, reason });
  }

  @AdminRoute('approvals.reject')
  async reject(@Req() request: FastifyRequest) {
    adminQueryOf(request, 'approvals.reject');
    const { tenant, reason = null } = adminBodyOf(request, 'approvals.reject');
    return this.decide(request, tenant, { approve: false, reason });
  }

  private async decide(request: FastifyRequest, tenant: string | undefined, decision: Decision) {
    const actor = await this.actors.of(request, tenant);
    return presentHeldCall(await this.decisions.decide(actor, pathParameter(request, 'id'), decision));
  }
}

import { Controller, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Config } from '../../../config/config.module.js';
import type { ApprovalLinkObject } from '../../../contracts/approvals.js';
import { toUnixSeconds } from '../../../contracts/times.js';
import { ApprovalLinksService } from '../../../modules/approvals/approval-links.service.js';
import { Actors } from '../../auth/actor.js';
import { presentHeldCall, presentShownHeldCall } from '../../presenters/approval.presenter.js';
import { AdminRoute } from '../../routing/gt-route.decorator.js';
import { pathParameter } from '../../routing/path-parameter.js';
import { publicOrigin } from '../../routing/public-origin.js';
import { adminBodyOf } from '../../routing/row-body.js';
import { adminQueryOf } from '../../routing/row-query.js';

/** The doors of links to held calls. */
@Controller()
export class ApprovalLinksController {
  constructor(
    private readonly links: ApprovalLinksService,
    private readonly actors: Actors,
    private readonly config: Config,
  ) {}

  @AdminRoute('approvals.link')
  async make(@Req() request: FastifyRequest): Promise<ApprovalLinkObject> {
    adminQueryOf(request, 'approvals.link');
    const { tenant, member } = adminBodyOf(request, 'approvals.link');
    const actor = await this.actors.of(request, tenant);
    const { id, token, approval, memberId } = await this.links.make(actor, pathParameter(request, 'id'), member);
    return {
      object: 'approval_link',
      id,
      approval: approval.id,
      member: memberId,
      url: `${publicOrigin(request, this.config)}/console/approval-link#${token}`,
      expires_at: toUnixSeconds(approval.expiresAt),
    };
  }

  @AdminRoute('approval-links.show')
  async show(@Req() request: FastifyRequest) {
    adminQueryOf(request, 'approval-links.show');
    const { link } = adminBodyOf(request, 'approval-links.show');
    return presentShownHeldCall(await this.links.show(await this.actors.of(request), link));
  }

  @AdminRoute('approval-links.decide')
  async decide(@Req() request: FastifyRequest) {
    adminQueryOf(request, 'approval-links.decide');
    const { link, decision, reason = null } = adminBodyOf(request, 'approval-links.decide');
    const actor = await this.actors.of(request);
    return presentHeldCall(await this.links.decide(actor, link, { approve: decision === 'approve', reason }));
  }
}

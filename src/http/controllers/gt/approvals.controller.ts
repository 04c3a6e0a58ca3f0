import { Controller, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { approvalOf } from '../../../modules/approvals/approval-object.js';
import { HeldCallsService } from '../../../modules/approvals/held-calls.service.js';
import { approvalUrl, refuseWithoutResult, sendResult } from '../../approvals/held-reply.js';
import { identityOf } from '../../auth/identity.js';
import { GtRoute } from '../../routing/gt-route.decorator.js';
import { pathParameter } from '../../routing/path-parameter.js';
import { queryOf } from '../../routing/row-query.js';

/** Held calls of the key that asks. */
@Controller()
export class ApprovalsController {
  constructor(private readonly held: HeldCallsService) {}

  @GtRoute('approvals.get')
  async get(@Req() request: FastifyRequest) {
    queryOf(request, 'approvals.get');
    const record = await this.find(request);
    return approvalOf(record, approvalUrl(request, record.id));
  }

  @GtRoute('approvals.result')
  async result(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    queryOf(request, 'approvals.result');
    const record = await this.find(request);
    refuseWithoutResult(record);
    sendResult(reply, record, this.held.resultOf(record));
  }

  private find(request: FastifyRequest) {
    const { key } = identityOf(request);
    return this.held.get(key.tenantId, key.id, pathParameter(request, 'approval_id'));
  }
}

import { Controller, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { KeyReportService } from '../../../modules/limit-report/key-report.service.js';
import { Actors } from '../../auth/actor.js';
import { AdminRoute } from '../../routing/gt-route.decorator.js';
import { pathReference } from '../../routing/path-reference.js';
import { adminQueryOf } from '../../routing/row-query.js';

/** What is left of the limits and budgets of a key. */
@Controller()
export class KeyLimitsController {
  constructor(
    private readonly report: KeyReportService,
    private readonly actors: Actors,
  ) {}

  @AdminRoute('keys.limits')
  async limits(@Req() request: FastifyRequest) {
    adminQueryOf(request, 'keys.limits');
    const { keyId, limits, budgets } = await this.report.ofKey(await this.actors.of(request), pathReference(request));
    return { object: 'list' as const, data: limits, key: keyId, budgets };
  }
}

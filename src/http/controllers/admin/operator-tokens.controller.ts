import { Controller, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { presentPage } from '../../../contracts/lists.js';
import { OperatorTokensService } from '../../../modules/members/operator-tokens.service.js';
import { operatorOf } from '../../auth/operator-actor.js';
import { presentOperatorToken } from '../../presenters/admin-token.presenter.js';
import { AdminRoute } from '../../routing/gt-route.decorator.js';
import { pathParameter } from '../../routing/path-parameter.js';
import { adminBodyOf } from '../../routing/row-body.js';
import { adminQueryOf } from '../../routing/row-query.js';

/** The doors of operators' tokens. */
@Controller()
export class OperatorTokensController {
  constructor(private readonly tokens: OperatorTokensService) {}

  @AdminRoute('operator-tokens.list')
  async list(@Req() request: FastifyRequest) {
    return presentPage(await this.tokens.list(adminQueryOf(request, 'operator-tokens.list')), presentOperatorToken);
  }

  @AdminRoute('operator-tokens.revoke')
  async revoke(@Req() request: FastifyRequest) {
    adminQueryOf(request, 'operator-tokens.revoke');
    adminBodyOf(request, 'operator-tokens.revoke');
    return presentOperatorToken(await this.tokens.revoke(operatorOf(request), pathParameter(request, 'id')));
  }
}

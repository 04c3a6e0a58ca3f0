import { Controller, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { listOperatorTokensQuery } from '../../../contracts/admin-tokens.js';
import { noQuery, presentPage } from '../../../contracts/lists.js';
import { OperatorTokensService } from '../../../modules/members/operator-tokens.service.js';
import { operatorOf } from '../../auth/operator-actor.js';
import { parseBody, parseQuery } from '../../body/parse-input.js';
import { presentOperatorToken } from '../../presenters/admin-token.presenter.js';
import { AdminRoute } from '../../routing/gt-route.decorator.js';
import { pathParameter } from '../../routing/path-parameter.js';

/** The doors of operators' tokens. */
@Controller()
export class OperatorTokensController {
  constructor(private readonly tokens: OperatorTokensService) {}

  @AdminRoute('operator-tokens.list')
  async list(@Req() request: FastifyRequest) {
    return presentPage(await this.tokens.list(parseQuery(request, listOperatorTokensQuery)), presentOperatorToken);
  }

  @AdminRoute('operator-tokens.revoke')
  async revoke(@Req() request: FastifyRequest) {
    parseQuery(request, noQuery);
    parseBody(request, noQuery);
    return presentOperatorToken(await this.tokens.revoke(operatorOf(request), pathParameter(request, 'id')));
  }
}

import { Controller, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { AppError } from '../../../kernel/app-error.js';
import { GtRoute } from '../../routing/gt-route.decorator.js';
import { pathParameter } from '../../routing/path-parameter.js';
import { queryOf } from '../../routing/row-query.js';

/** Approvals of a key. No key can be put under approval, so there are none, and every id is that of an absent one. */
@Controller()
export class ApprovalsController {
  @GtRoute('approvals.get')
  get(@Req() request: FastifyRequest): never {
    queryOf(request, 'approvals.get');
    throw absent(request);
  }

  @GtRoute('approvals.result')
  result(@Req() request: FastifyRequest): never {
    queryOf(request, 'approvals.result');
    throw absent(request);
  }
}

function absent(request: FastifyRequest): AppError {
  pathParameter(request, 'approval_id');
  return new AppError('not_found');
}

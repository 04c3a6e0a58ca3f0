import { Controller, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { AppError } from '../../../kernel/app-error.js';
import { GtRoute } from '../../routing/gt-route.decorator.js';
import { queryOf } from '../../routing/row-query.js';

/** Approvals of a key. No key can be put under approval, so there are none, and every id is that of an absent one. */
@Controller()
export class ApprovalsController {
  @GtRoute('approvals.get')
  get(@Req() request: FastifyRequest): never {
    queryOf(request, 'approvals.get');
    throw new AppError('not_found');
  }

  @GtRoute('approvals.result')
  result(@Req() request: FastifyRequest): never {
    queryOf(request, 'approvals.result');
    throw new AppError('not_found');
  }
}

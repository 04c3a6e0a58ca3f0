import { Controller, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { UsageService } from '../../../modules/usage/usage.service.js';
import { identityOf } from '../../auth/identity.js';
import { presentUsagePage } from '../../presenters/usage.presenter.js';
import { GtRoute } from '../../routing/gt-route.decorator.js';
import { queryOf } from '../../routing/row-query.js';

/** What a key used, shown to the key itself: its own calls alone. */
@Controller()
export class UsageController {
  constructor(private readonly usage: UsageService) {}

  @GtRoute('usage.list')
  async list(@Req() request: FastifyRequest) {
    const { key } = identityOf(request);
    return presentUsagePage(await this.usage.listOfKey(key.tenantId, key.id, queryOf(request, 'usage.list')));
  }
}

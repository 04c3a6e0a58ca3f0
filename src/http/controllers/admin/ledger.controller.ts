import { Controller, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { presentPage } from '../../../contracts/lists.js';
import { LedgerService } from '../../../modules/ledger/ledger.service.js';
import { TenantsService } from '../../../modules/tenants/tenants.service.js';
import { Actors } from '../../auth/actor.js';
import { presentLedgerCheck, presentLedgerEntry } from '../../presenters/ledger.presenter.js';
import { AdminRoute } from '../../routing/gt-route.decorator.js';
import { adminQueryOf } from '../../routing/row-query.js';

/** The doors of the ledger of budgets. */
@Controller()
export class LedgerController {
  constructor(
    private readonly ledger: LedgerService,
    private readonly tenants: TenantsService,
    private readonly actors: Actors,
  ) {}

  @AdminRoute('ledger.list')
  async list(@Req() request: FastifyRequest) {
    const query = adminQueryOf(request, 'ledger.list');
    const { tenantId } = await this.actors.of(request);
    return presentPage(await this.ledger.list(tenantId, query), presentLedgerEntry);
  }

  @AdminRoute('ledger.check')
  async check(@Req() request: FastifyRequest) {
    const query = adminQueryOf(request, 'ledger.check');
    const actor = await this.actors.of(request);
    const { slug } = await this.tenants.get(actor);
    return presentLedgerCheck(slug, await this.ledger.check(actor.tenantId, query));
  }
}

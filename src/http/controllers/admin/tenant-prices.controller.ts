import { Controller, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { presentPage } from '../../../contracts/lists.js';
import { TenantPricesService } from '../../../modules/prices/tenant-prices.service.js';
import { Actors } from '../../auth/actor.js';
import { presentDeleted } from '../../presenters/deleted.presenter.js';
import { presentChangedTenantPrice, presentTenantPrice } from '../../presenters/price.presenter.js';
import { AdminRoute } from '../../routing/gt-route.decorator.js';
import { pathParameter } from '../../routing/path-parameter.js';
import { adminBodyOf } from '../../routing/row-body.js';
import { adminQueryOf } from '../../routing/row-query.js';

/** The doors of a tenant's own prices. */
@Controller()
export class TenantPricesController {
  constructor(
    private readonly prices: TenantPricesService,
    private readonly actors: Actors,
  ) {}

  @AdminRoute('tenant-prices.list')
  async list(@Req() request: FastifyRequest) {
    const query = adminQueryOf(request, 'tenant-prices.list');
    return presentPage(await this.prices.list(await this.actors.of(request), query), presentTenantPrice);
  }

  @AdminRoute('tenant-prices.create')
  async create(@Req() request: FastifyRequest) {
    adminQueryOf(request, 'tenant-prices.create');
    const input = adminBodyOf(request, 'tenant-prices.create');
    return presentChangedTenantPrice(await this.prices.create(await this.actors.of(request, input.tenant), input));
  }

  @AdminRoute('tenant-prices.get')
  async get(@Req() request: FastifyRequest) {
    adminQueryOf(request, 'tenant-prices.get');
    return presentTenantPrice(await this.prices.get(await this.actors.of(request), pathParameter(request, 'id')));
  }

  @AdminRoute('tenant-prices.update')
  async update(@Req() request: FastifyRequest) {
    adminQueryOf(request, 'tenant-prices.update');
    const input = adminBodyOf(request, 'tenant-prices.update');
    const actor = await this.actors.of(request, input.tenant);
    return presentChangedTenantPrice(await this.prices.update(actor, pathParameter(request, 'id'), input));
  }

  @AdminRoute('tenant-prices.delete')
  async delete(@Req() request: FastifyRequest) {
    adminQueryOf(request, 'tenant-prices.delete');
    const { id } = await this.prices.delete(await this.actors.of(request), pathParameter(request, 'id'));
    return presentDeleted('tenant_price', id);
  }
}

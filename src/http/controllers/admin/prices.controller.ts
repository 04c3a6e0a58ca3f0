import { Controller, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { presentPage } from '../../../contracts/lists.js';
import { PriceExplanations } from '../../../modules/prices/price-explanations.js';
import { PriceImportService } from '../../../modules/prices/price-import.service.js';
import { PricesService } from '../../../modules/prices/prices.service.js';
import { Actors } from '../../auth/actor.js';
import { operatorOf } from '../../auth/operator-actor.js';
import { presentDeleted } from '../../presenters/deleted.presenter.js';
import { presentChangedPrice, presentPrice } from '../../presenters/price.presenter.js';
import { AdminRoute } from '../../routing/gt-route.decorator.js';
import { pathParameter } from '../../routing/path-parameter.js';
import { adminBodyOf } from '../../routing/row-body.js';
import { adminQueryOf } from '../../routing/row-query.js';

/** The doors of providers' prices. */
@Controller()
export class PricesController {
  constructor(
    private readonly prices: PricesService,
    private readonly explanations: PriceExplanations,
    private readonly imports: PriceImportService,
    private readonly actors: Actors,
  ) {}

  @AdminRoute('prices.list')
  async list(@Req() request: FastifyRequest) {
    return presentPage(await this.prices.list(adminQueryOf(request, 'prices.list')), presentPrice);
  }

  @AdminRoute('prices.create')
  async create(@Req() request: FastifyRequest) {
    adminQueryOf(request, 'prices.create');
    return presentChangedPrice(await this.prices.create(operatorOf(request), adminBodyOf(request, 'prices.create')));
  }

  /** The explanation is the contract's form already. */
  @AdminRoute('prices.explain')
  async explain(@Req() request: FastifyRequest) {
    adminQueryOf(request, 'prices.explain');
    const input = adminBodyOf(request, 'prices.explain');
    return this.explanations.explain(await this.actors.of(request, input.tenant), input);
  }

  /** What an import did is the contract's form already. */
  @AdminRoute('prices.import')
  import(@Req() request: FastifyRequest) {
    adminQueryOf(request, 'prices.import');
    return this.imports.import(operatorOf(request), adminBodyOf(request, 'prices.import'));
  }

  @AdminRoute('prices.get')
  async get(@Req() request: FastifyRequest) {
    adminQueryOf(request, 'prices.get');
    return presentPrice(await this.prices.get(pathParameter(request, 'id')));
  }

  @AdminRoute('prices.update')
  async update(@Req() request: FastifyRequest) {
    adminQueryOf(request, 'prices.update');
    const input = adminBodyOf(request, 'prices.update');
    return presentChangedPrice(await this.prices.update(operatorOf(request), pathParameter(request, 'id'), input));
  }

  @AdminRoute('prices.delete')
  async delete(@Req() request: FastifyRequest) {
    adminQueryOf(request, 'prices.delete');
    const { id } = await this.prices.delete(operatorOf(request), pathParameter(request, 'id'));
    return presentDeleted('price', id);
  }
}

import { Controller, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { presentPage } from '../../../contracts/lists.js';
import { BudgetsService } from '../../../modules/budgets/budgets.service.js';
import { Actors } from '../../auth/actor.js';
import { presentBudget, presentChangedBudget } from '../../presenters/budget.presenter.js';
import { presentDeleted } from '../../presenters/deleted.presenter.js';
import { AdminRoute } from '../../routing/gt-route.decorator.js';
import { pathParameter } from '../../routing/path-parameter.js';
import { adminBodyOf } from '../../routing/row-body.js';
import { adminQueryOf } from '../../routing/row-query.js';

/** The doors of a tenant's budgets. */
@Controller()
export class BudgetsController {
  constructor(
    private readonly budgets: BudgetsService,
    private readonly actors: Actors,
  ) {}

  @AdminRoute('budgets.list')
  async list(@Req() request: FastifyRequest) {
    const query = adminQueryOf(request, 'budgets.list');
    return presentPage(await this.budgets.list(await this.actors.of(request), query), presentBudget);
  }

  @AdminRoute('budgets.create')
  async create(@Req() request: FastifyRequest) {
    adminQueryOf(request, 'budgets.create');
    const input = adminBodyOf(request, 'budgets.create');
    const actor = await this.actors.of(request, input.tenant);
    const created = await this.budgets.create(actor, input);
    return presentChangedBudget(created, await this.budgets.notices(actor, input, created));
  }

  @AdminRoute('budgets.get')
  async get(@Req() request: FastifyRequest) {
    adminQueryOf(request, 'budgets.get');
    return presentBudget(await this.budgets.get(await this.actors.of(request), pathParameter(request, 'id')));
  }

  @AdminRoute('budgets.update')
  async update(@Req() request: FastifyRequest) {
    adminQueryOf(request, 'budgets.update');
    const input = adminBodyOf(request, 'budgets.update');
    const actor = await this.actors.of(request, input.tenant);
    const updated = await this.budgets.update(actor, pathParameter(request, 'id'), input);
    return presentChangedBudget(updated, await this.budgets.notices(actor, input, updated));
  }

  @AdminRoute('budgets.delete')
  async delete(@Req() request: FastifyRequest) {
    adminQueryOf(request, 'budgets.delete');
    const { id } = await this.budgets.delete(await this.actors.of(request), pathParameter(request, 'id'));
    return presentDeleted('budget', id);
  }
}

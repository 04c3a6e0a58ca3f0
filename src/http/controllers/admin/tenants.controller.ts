import { Controller, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { presentPage } from '../../../contracts/lists.js';
import type { Actor } from '../../../catalog/admin/admin-identity.js';
import { TenantsService } from '../../../modules/tenants/tenants.service.js';
import { Actors } from '../../auth/actor.js';
import { operatorOf } from '../../auth/operator-actor.js';
import { presentDeleted } from '../../presenters/deleted.presenter.js';
import { presentChangedTenant, presentTenant } from '../../presenters/tenant.presenter.js';
import { AdminRoute } from '../../routing/gt-route.decorator.js';
import { pathParameter } from '../../routing/path-parameter.js';
import { adminBodyOf } from '../../routing/row-body.js';
import { adminQueryOf } from '../../routing/row-query.js';

/** The doors of tenants. */
@Controller()
export class TenantsController {
  constructor(
    private readonly tenants: TenantsService,
    private readonly actors: Actors,
  ) {}

  @AdminRoute('tenants.list')
  async list(@Req() request: FastifyRequest) {
    return presentPage(await this.tenants.list(adminQueryOf(request, 'tenants.list')), presentTenant);
  }

  @AdminRoute('tenants.create')
  async create(@Req() request: FastifyRequest) {
    const input = adminBodyOf(request, 'tenants.create');
    return presentChangedTenant(await this.tenants.create(operatorOf(request), input), input);
  }

  @AdminRoute('tenants.get')
  async get(@Req() request: FastifyRequest) {
    return presentTenant(await this.tenants.get(await this.actorIn(request, 'tenants.get')));
  }

  @AdminRoute('tenants.update')
  async update(@Req() request: FastifyRequest) {
    const input = adminBodyOf(request, 'tenants.update');
    return presentChangedTenant(await this.tenants.update(await this.actorIn(request, 'tenants.update'), input), input);
  }

  @AdminRoute('tenants.delete')
  async delete(@Req() request: FastifyRequest) {
    const { id } = await this.tenants.delete(await this.actorIn(request, 'tenants.delete'));
    return presentDeleted('tenant', id);
  }

  /** The path names the tenant, so the query may not. */
  private async actorIn(request: FastifyRequest, row: 'tenants.get' | 'tenants.update' | 'tenants.delete'): Promise<Actor> {
    adminQueryOf(request, row);
    return this.actors.of(request, pathParameter(request, 'id'));
  }
}

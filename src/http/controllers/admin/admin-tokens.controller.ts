import { Controller, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { presentPage } from '../../../contracts/lists.js';
import { AdminTokensService } from '../../../modules/members/admin-tokens.service.js';
import { Actors } from '../../auth/actor.js';
import { presentAdminToken } from '../../presenters/admin-token.presenter.js';
import { presentDeleted } from '../../presenters/deleted.presenter.js';
import { AdminRoute } from '../../routing/gt-route.decorator.js';
import { pathParameter } from '../../routing/path-parameter.js';
import { adminBodyOf } from '../../routing/row-body.js';
import { adminQueryOf } from '../../routing/row-query.js';

/** The doors of admin tokens. A secret is in the answer to its creation and nowhere else. */
@Controller()
export class AdminTokensController {
  constructor(
    private readonly tokens: AdminTokensService,
    private readonly actors: Actors,
  ) {}

  @AdminRoute('admin-tokens.list')
  async list(@Req() request: FastifyRequest) {
    const query = adminQueryOf(request, 'admin-tokens.list');
    return presentPage(await this.tokens.list(await this.actors.of(request), query), presentAdminToken);
  }

  @AdminRoute('admin-tokens.create')
  async create(@Req() request: FastifyRequest) {
    adminQueryOf(request, 'admin-tokens.create');
    const input = adminBodyOf(request, 'admin-tokens.create');
    const actor = await this.actors.of(request, input.tenant);
    const { token, secret } = await this.tokens.create(actor, input);
    return { ...presentAdminToken(token), secret };
  }

  @AdminRoute('admin-tokens.get')
  async get(@Req() request: FastifyRequest) {
    adminQueryOf(request, 'admin-tokens.get');
    return presentAdminToken(await this.tokens.get(await this.actors.of(request), pathParameter(request, 'id')));
  }

  @AdminRoute('admin-tokens.delete')
  async delete(@Req() request: FastifyRequest) {
    adminQueryOf(request, 'admin-tokens.delete');
    const id = pathParameter(request, 'id');
    await this.tokens.delete(await this.actors.of(request), id);
    return presentDeleted('admin_token', id);
  }

  @AdminRoute('admin-tokens.revoke')
  async revoke(@Req() request: FastifyRequest) {
    adminQueryOf(request, 'admin-tokens.revoke');
    const { tenant } = adminBodyOf(request, 'admin-tokens.revoke');
    return presentAdminToken(await this.tokens.revoke(await this.actors.of(request, tenant), pathParameter(request, 'id')));
  }
}

import { Controller, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { presentPage } from '../../../contracts/lists.js';
import { MembersService } from '../../../modules/members/members.service.js';
import { Actors } from '../../auth/actor.js';
import { presentMember } from '../../presenters/member.presenter.js';
import { presentDeleted } from '../../presenters/deleted.presenter.js';
import { AdminRoute } from '../../routing/gt-route.decorator.js';
import { pathParameter } from '../../routing/path-parameter.js';
import { adminBodyOf } from '../../routing/row-body.js';
import { adminQueryOf } from '../../routing/row-query.js';

/** The doors of members. */
@Controller()
export class MembersController {
  constructor(
    private readonly members: MembersService,
    private readonly actors: Actors,
  ) {}

  @AdminRoute('members.list')
  async list(@Req() request: FastifyRequest) {
    const query = adminQueryOf(request, 'members.list');
    return presentPage(await this.members.list(await this.actors.of(request), query), presentMember);
  }

  @AdminRoute('members.create')
  async create(@Req() request: FastifyRequest) {
    adminQueryOf(request, 'members.create');
    const input = adminBodyOf(request, 'members.create');
    const actor = await this.actors.of(request, input.tenant);
    return presentMember(await this.members.create(actor, input));
  }

  @AdminRoute('members.get')
  async get(@Req() request: FastifyRequest) {
    adminQueryOf(request, 'members.get');
    return presentMember(await this.members.get(await this.actors.of(request), pathParameter(request, 'id')));
  }

  @AdminRoute('members.update')
  async update(@Req() request: FastifyRequest) {
    adminQueryOf(request, 'members.update');
    const input = adminBodyOf(request, 'members.update');
    const actor = await this.actors.of(request, input.tenant);
    return presentMember(await this.members.update(actor, pathParameter(request, 'id'), input));
  }

  @AdminRoute('members.delete')
  async delete(@Req() request: FastifyRequest) {
    adminQueryOf(request, 'members.delete');
    const id = pathParameter(request, 'id');
    await this.members.delete(await this.actors.of(request), id);
    return presentDeleted('member', id);
  }
}

import { Controller, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { createMemberRequest, listMembersQuery, updateMemberRequest } from '../../../contracts/members.js';
import { presentPage, tenantQuery } from '../../../contracts/lists.js';
import { MembersService } from '../../../modules/members/members.service.js';
import { Actors } from '../../auth/actor.js';
import { parseBody, parseQuery } from '../../body/parse-input.js';
import { presentMember } from '../../presenters/member.presenter.js';
import { presentDeleted } from '../../presenters/deleted.presenter.js';
import { AdminRoute } from '../../routing/gt-route.decorator.js';
import { pathParameter } from '../../routing/path-parameter.js';

/** The doors of members. */
@Controller()
export class MembersController {
  constructor(
    private readonly members: MembersService,
    private readonly actors: Actors,
  ) {}

  @AdminRoute('members.list')
  async list(@Req() request: FastifyRequest) {
    const query = parseQuery(request, listMembersQuery);
    return presentPage(await this.members.list(await this.actors.of(request), query), presentMember);
  }

  @AdminRoute('members.create')
  async create(@Req() request: FastifyRequest) {
    parseQuery(request, tenantQuery);
    const input = parseBody(request, createMemberRequest);
    const actor = await this.actors.of(request, input.tenant);
    return presentMember(await this.members.create(actor, input));
  }

  @AdminRoute('members.get')
  async get(@Req() request: FastifyRequest) {
    parseQuery(request, tenantQuery);
    return presentMember(await this.members.get(await this.actors.of(request), pathParameter(request, 'id')));
  }

  @AdminRoute('members.update')
  async update(@Req() request: FastifyRequest) {
    parseQuery(request, tenantQuery);
    const input = parseBody(request, updateMemberRequest);
    const actor = await this.actors.of(request, input.tenant);
    return presentMember(await this.members.update(actor, pathParameter(request, 'id'), input));
  }

  @AdminRoute('members.delete')
  async delete(@Req() request: FastifyRequest) {
    parseQuery(request, tenantQuery);
    const id = pathParameter(request, 'id');
    await this.members.delete(await this.actors.of(request), id);
    return presentDeleted('member', id);
  }
}

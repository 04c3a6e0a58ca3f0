import { Controller, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { presentPage } from '../../../contracts/lists.js';
import { SessionsService } from '../../../modules/sessions/sessions.service.js';
import { Actors } from '../../auth/actor.js';
import { presentDeleted } from '../../presenters/deleted.presenter.js';
import { presentSession } from '../../presenters/session.presenter.js';
import { AdminRoute } from '../../routing/gt-route.decorator.js';
import { pathParameter } from '../../routing/path-parameter.js';
import { adminQueryOf } from '../../routing/row-query.js';

/** The doors of a tenant's sessions. */
@Controller()
export class SessionsController {
  constructor(
    private readonly sessions: SessionsService,
    private readonly actors: Actors,
  ) {}

  @AdminRoute('sessions.list')
  async list(@Req() request: FastifyRequest) {
    const query = adminQueryOf(request, 'sessions.list');
    const page = await this.sessions.list(await this.actors.of(request), query);
    return presentPage(page, (session) => presentSession(session, request.gt.admin?.sessionId));
  }

  @AdminRoute('sessions.delete')
  async delete(@Req() request: FastifyRequest) {
    adminQueryOf(request, 'sessions.delete');
    const id = pathParameter(request, 'id');
    await this.sessions.end(await this.actors.of(request), id);
    return presentDeleted('session', id);
  }

  @AdminRoute('members.sign-out')
  async signOut(@Req() request: FastifyRequest) {
    adminQueryOf(request, 'members.sign-out');
    const ended = await this.sessions.endOfMember(await this.actors.of(request), pathParameter(request, 'id'));
    return { object: 'sessions.ended' as const, ended };
  }
}

import { Controller, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Config } from '../../../config/config.module.js';
import { presentPage } from '../../../contracts/lists.js';
import { RequestBodiesService } from '../../../modules/request-log/bodies/request-bodies.service.js';
import { RequestLogService } from '../../../modules/request-log/request-log.service.js';
import { RequestTails } from '../../../modules/request-log/request-tails.js';
import { Actors } from '../../auth/actor.js';
import { AdminGuard } from '../../auth/admin-guard.js';
import { presentRequest, presentRequestBodies, presentRequestDetails } from '../../presenters/request.presenter.js';
import { EventStream } from '../../reply/event-stream.js';
import { AdminRoute } from '../../routing/gt-route.decorator.js';
import { pathParameter } from '../../routing/path-parameter.js';
import { adminQueryOf } from '../../routing/row-query.js';

/** The doors of a tenant's request log. */
@Controller()
export class RequestsController {
  constructor(
    private readonly requests: RequestLogService,
    private readonly tails: RequestTails,
    private readonly bodies: RequestBodiesService,
    private readonly guard: AdminGuard,
    private readonly config: Config,
    private readonly actors: Actors,
  ) {}

  @AdminRoute('requests.list')
  async list(@Req() request: FastifyRequest) {
    const query = adminQueryOf(request, 'requests.list');
    const { tenantId } = await this.actors.of(request);
    return presentPage(await this.requests.list(tenantId, query), presentRequest);
  }

  /** Ends within a second when whoever reads may not any longer, and when the process leaves. */
  @AdminRoute('requests.tail')
  async tail(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const filter = adminQueryOf(request, 'requests.tail');
    const { tenantId } = await this.actors.of(request);
    const place = this.tails.place(tenantId);
    const stream = new EventStream(request, reply, this.config.GT_KEEP_ALIVE_MS);
    stream.onGone(() => place.leave());
    if (request.method === 'HEAD') return stream.close();
    await place.follow(filter, {
      mayRead: () => new Promise((resolve) => this.guard.judge('requests.tail', request, resolve)),
      isOver: () => request.gt.frame.isLeaving,
      isFull: () => stream.isFull,
      tell: (record) => stream.tell('request', presentRequest(record)),
      skip: (count) => stream.tell('requests.skipped', { object: 'requests_skipped', count }),
      end: (error) => (error === undefined ? stream.close() : stream.fail(error)),
    });
  }

  @AdminRoute('requests.bodies')
  async showBodies(@Req() request: FastifyRequest) {
    adminQueryOf(request, 'requests.bodies');
    const id = pathParameter(request, 'id');
    return presentRequestBodies(id, await this.bodies.get(await this.actors.of(request), id));
  }

  @AdminRoute('requests.get')
  async get(@Req() request: FastifyRequest) {
    adminQueryOf(request, 'requests.get');
    const { tenantId } = await this.actors.of(request);
    return presentRequestDetails(await this.requests.get(tenantId, pathParameter(request, 'id')));
  }
}

import { Controller, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { adminRouteRow } from '../../../catalog/admin-routes.js';
import { Config } from '../../../config/config.module.js';
import { presentPage } from '../../../contracts/lists.js';
import { RunbookRunsService } from '../../../modules/runbook-runs/runbook-runs.service.js';
import { Actors } from '../../auth/actor.js';
import { presentRunbookRun, presentRunbookRunSummary } from '../../presenters/runbook-run.presenter.js';
import { AdminRoute, adminBase } from '../../routing/gt-route.decorator.js';
import { ownOrigin } from '../../routing/own-origin.js';
import { pathReference } from '../../routing/path-reference.js';
import { adminBodyOf } from '../../routing/row-body.js';
import { adminQueryOf } from '../../routing/row-query.js';

/** The doors of verifications that workers make of runbooks. */
@Controller()
export class RunbookRunsController {
  constructor(
    private readonly runs: RunbookRunsService,
    private readonly actors: Actors,
    private readonly config: Config,
  ) {}

  @AdminRoute('runbooks.verify')
  async verify(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply) {
    adminQueryOf(request, 'runbooks.verify');
    const { tenant, ...input } = adminBodyOf(request, 'runbooks.verify');
    const actor = await this.actors.of(request, tenant);
    const run = await this.runs.create(actor, pathReference(request), input, ownOrigin(request.server.server, this.config));
    void reply.header('location', adminBase + adminRouteRow('runbook-runs.get').path.replace('{id}', run.id));
    return presentRunbookRun(run);
  }

  @AdminRoute('runbook-runs.list')
  async list(@Req() request: FastifyRequest) {
    const { tenant: _tenant, ...query } = adminQueryOf(request, 'runbook-runs.list');
    const actor = await this.actors.of(request);
    return presentPage(await this.runs.list(actor, query), presentRunbookRunSummary);
  }

  @AdminRoute('runbook-runs.get')
  async get(@Req() request: FastifyRequest) {
    adminQueryOf(request, 'runbook-runs.get');
    const actor = await this.actors.of(request);
    return presentRunbookRun(await this.runs.get(actor, pathReference(request)));
  }
}

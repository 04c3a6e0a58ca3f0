import { Controller, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { presentPage } from '../../../contracts/lists.js';
import { AgentsService } from '../../../modules/agents/agents.service.js';
import { PublicationsService } from '../../../modules/agents/publications.service.js';
import { Actors } from '../../auth/actor.js';
import { presentAgent, presentRevision } from '../../presenters/agent.presenter.js';
import { presentDeleted } from '../../presenters/deleted.presenter.js';
import { AdminRoute } from '../../routing/gt-route.decorator.js';
import { pathReference } from '../../routing/path-reference.js';
import { adminBodyOf } from '../../routing/row-body.js';
import { adminQueryOf } from '../../routing/row-query.js';

/** The doors of agents. */
@Controller()
export class AgentsController {
  constructor(
    private readonly agents: AgentsService,
    private readonly publications: PublicationsService,
    private readonly actors: Actors,
  ) {}

  @AdminRoute('agents.list')
  async list(@Req() request: FastifyRequest) {
    const query = adminQueryOf(request, 'agents.list');
    return presentPage(await this.agents.list(await this.actors.of(request), query, query), presentAgent);
  }

  @AdminRoute('agents.create')
  async create(@Req() request: FastifyRequest) {
    adminQueryOf(request, 'agents.create');
    const input = adminBodyOf(request, 'agents.create');
    const actor = await this.actors.of(request, input.tenant);
    return presentAgent(await this.agents.create(actor, input));
  }

  @AdminRoute('agents.get')
  async get(@Req() request: FastifyRequest) {
    adminQueryOf(request, 'agents.get');
    return presentAgent(await this.agents.get(await this.actors.of(request), pathReference(request)));
  }

  @AdminRoute('agents.update')
  async update(@Req() request: FastifyRequest) {
    adminQueryOf(request, 'agents.update');
    const input = adminBodyOf(request, 'agents.update');
    const actor = await this.actors.of(request, input.tenant);
    return presentAgent(await this.agents.update(actor, pathReference(request), input));
  }

  @AdminRoute('agents.delete')
  async delete(@Req() request: FastifyRequest) {
    adminQueryOf(request, 'agents.delete');
    const { id } = await this.agents.delete(await this.actors.of(request), pathReference(request));
    return presentDeleted('agent', id);
  }

  @AdminRoute('agents.revisions')
  async revisions(@Req() request: FastifyRequest) {
    const query = adminQueryOf(request, 'agents.revisions');
    return presentPage(
      await this.publications.list(await this.actors.of(request), pathReference(request), query),
      presentRevision,
    );
  }

  @AdminRoute('agents.publish')
  async publish(@Req() request: FastifyRequest) {
    adminQueryOf(request, 'agents.publish');
    const input = adminBodyOf(request, 'agents.publish');
    const actor = await this.actors.of(request, input.tenant);
    const { revision } = await this.publications.publish(actor, pathReference(request), input);
    return presentRevision(revision);
  }
}

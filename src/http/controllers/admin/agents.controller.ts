import { Controller, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { createAgentRequest, listAgentsQuery, publishAgentRequest, updateAgentRequest } from '../../../contracts/agents.js';
import { adminListQuery, presentPage, tenantQuery } from '../../../contracts/lists.js';
import { AgentsService } from '../../../modules/agents/agents.service.js';
import { PublicationsService } from '../../../modules/agents/publications.service.js';
import { Actors } from '../../auth/actor.js';
import { parseBody, parseQuery } from '../../body/parse-input.js';
import { presentAgent, presentRevision } from '../../presenters/agent.presenter.js';
import { presentDeleted } from '../../presenters/deleted.presenter.js';
import { AdminRoute } from '../../routing/gt-route.decorator.js';
import { pathReference } from '../../routing/path-reference.js';

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
    const query = parseQuery(request, listAgentsQuery);
    return presentPage(await this.agents.list(await this.actors.of(request), query, query), presentAgent);
  }

  @AdminRoute('agents.create')
  async create(@Req() request: FastifyRequest) {
    parseQuery(request, tenantQuery);
    const input = parseBody(request, createAgentRequest);
    const actor = await this.actors.of(request, input.tenant);
    return presentAgent(await this.agents.create(actor, input));
  }

  @AdminRoute('agents.get')
  async get(@Req() request: FastifyRequest) {
    parseQuery(request, tenantQuery);
    return presentAgent(await this.agents.get(await this.actors.of(request), pathReference(request)));
  }

  @AdminRoute('agents.update')
  async update(@Req() request: FastifyRequest) {
    parseQuery(request, tenantQuery);
    const input = parseBody(request, updateAgentRequest);
    const actor = await this.actors.of(request, input.tenant);
    return presentAgent(await this.agents.update(actor, pathReference(request), input));
  }

  @AdminRoute('agents.delete')
  async delete(@Req() request: FastifyRequest) {
    parseQuery(request, tenantQuery);
    const { id } = await this.agents.delete(await this.actors.of(request), pathReference(request));
    return presentDeleted('agent', id);
  }

  @AdminRoute('agents.revisions')
  async revisions(@Req() request: FastifyRequest) {
    const query = parseQuery(request, adminListQuery);
    return presentPage(
      await this.publications.list(await this.actors.of(request), pathReference(request), query),
      presentRevision,
    );
  }

  @AdminRoute('agents.publish')
  async publish(@Req() request: FastifyRequest) {
    parseQuery(request, tenantQuery);
    const input = parseBody(request, publishAgentRequest);
    const actor = await this.actors.of(request, input.tenant);
    const { revision } = await this.publications.publish(actor, pathReference(request), input);
    return presentRevision(revision);
  }
}

import { Controller, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { presentPage } from '../../../contracts/lists.js';
import { EndpointsService } from '../../../modules/agents/endpoints.service.js';
import { Actors } from '../../auth/actor.js';
import { presentDeleted } from '../../presenters/deleted.presenter.js';
import { presentChangedEndpoint, presentEndpoint } from '../../presenters/endpoint.presenter.js';
import { AdminRoute } from '../../routing/gt-route.decorator.js';
import { pathReference } from '../../routing/path-reference.js';
import { adminBodyOf } from '../../routing/row-body.js';
import { adminQueryOf } from '../../routing/row-query.js';

/** The doors of published names. */
@Controller()
export class EndpointsController {
  constructor(
    private readonly endpoints: EndpointsService,
    private readonly actors: Actors,
  ) {}

  @AdminRoute('endpoints.list')
  async list(@Req() request: FastifyRequest) {
    const query = adminQueryOf(request, 'endpoints.list');
    const actor = await this.actors.of(request);
    return presentPage(await this.endpoints.list(actor, { ...query, isDefault: query.default }, query), presentEndpoint);
  }

  @AdminRoute('endpoints.create')
  async create(@Req() request: FastifyRequest) {
    adminQueryOf(request, 'endpoints.create');
    const input = adminBodyOf(request, 'endpoints.create');
    const actor = await this.actors.of(request, input.tenant);
    return presentChangedEndpoint(await this.endpoints.create(actor, input));
  }

  @AdminRoute('endpoints.get')
  async get(@Req() request: FastifyRequest) {
    adminQueryOf(request, 'endpoints.get');
    return presentEndpoint(await this.endpoints.get(await this.actors.of(request), pathReference(request)));
  }

  @AdminRoute('endpoints.update')
  async update(@Req() request: FastifyRequest) {
    adminQueryOf(request, 'endpoints.update');
    const input = adminBodyOf(request, 'endpoints.update');
    const actor = await this.actors.of(request, input.tenant);
    return presentChangedEndpoint(await this.endpoints.update(actor, pathReference(request), input));
  }

  @AdminRoute('endpoints.delete')
  async delete(@Req() request: FastifyRequest) {
    adminQueryOf(request, 'endpoints.delete');
    const { id } = await this.endpoints.delete(await this.actors.of(request), pathReference(request));
    return presentDeleted('endpoint', id);
  }
}

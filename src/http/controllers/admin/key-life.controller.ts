import { Controller, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { EndpointsService } from '../../../modules/agents/endpoints.service.js';
import { KeyInsightService } from '../../../modules/keys/key-insight.service.js';
import { KeyLifeService } from '../../../modules/keys/key-life.service.js';
import { Actors } from '../../auth/actor.js';
import { presentIssuedKey, presentKey } from '../../presenters/key.presenter.js';
import { AdminRoute } from '../../routing/gt-route.decorator.js';
import { pathReference } from '../../routing/path-reference.js';
import { adminBodyOf } from '../../routing/row-body.js';
import { adminQueryOf } from '../../routing/row-query.js';

/** The doors of a key's life: new secrets, states, and what it may do. What it did stands in key-exercise.controller.ts. */
@Controller()
export class KeyLifeController {
  constructor(
    private readonly life: KeyLifeService,
    private readonly insight: KeyInsightService,
    private readonly endpoints: EndpointsService,
    private readonly actors: Actors,
  ) {}

  @AdminRoute('keys.rotate')
  async rotate(@Req() request: FastifyRequest) {
    adminQueryOf(request, 'keys.rotate');
    const input = adminBodyOf(request, 'keys.rotate');
    const actor = await this.actors.of(request, input.tenant);
    return presentIssuedKey(await this.life.rotate(actor, pathReference(request), input.overlap_seconds));
  }

  @AdminRoute('keys.disable')
  disable(@Req() request: FastifyRequest) {
    return this.setState(request, 'keys.disable', 'disabled');
  }

  @AdminRoute('keys.enable')
  enable(@Req() request: FastifyRequest) {
    return this.setState(request, 'keys.enable', 'active');
  }

  @AdminRoute('keys.revoke')
  revoke(@Req() request: FastifyRequest) {
    return this.setState(request, 'keys.revoke', 'revoked');
  }

  @AdminRoute('keys.explain')
  async explain(@Req() request: FastifyRequest) {
    adminQueryOf(request, 'keys.explain');
    const input = adminBodyOf(request, 'keys.explain');
    const actor = await this.actors.of(request, input.tenant);
    return this.insight.explain(actor, pathReference(request), input, await this.endpoints.facts(actor));
  }

  private async setState(
    request: FastifyRequest,
    row: 'keys.disable' | 'keys.enable' | 'keys.revoke',
    state: 'active' | 'disabled' | 'revoked',
  ) {
    adminQueryOf(request, row);
    const { tenant } = adminBodyOf(request, row);
    const actor = await this.actors.of(request, tenant);
    return presentKey(await this.life.setState(actor, pathReference(request), state));
  }
}

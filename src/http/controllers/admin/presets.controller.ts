import { Controller, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { presentPage } from '../../../contracts/lists.js';
import { PresetsService } from '../../../modules/keys/presets.service.js';
import { Actors } from '../../auth/actor.js';
import { presentDeleted } from '../../presenters/deleted.presenter.js';
import { presentChangedPreset, presentPreset } from '../../presenters/preset.presenter.js';
import { AdminRoute } from '../../routing/gt-route.decorator.js';
import { pathReference } from '../../routing/path-reference.js';
import { adminBodyOf } from '../../routing/row-body.js';
import { adminQueryOf } from '../../routing/row-query.js';

/** The doors of presets. */
@Controller()
export class PresetsController {
  constructor(
    private readonly presets: PresetsService,
    private readonly actors: Actors,
  ) {}

  @AdminRoute('presets.list')
  async list(@Req() request: FastifyRequest) {
    const query = adminQueryOf(request, 'presets.list');
    const actor = await this.actors.of(request);
    return presentPage(await this.presets.list(actor, { ...query, builtIn: query.built_in }, query), presentPreset);
  }

  @AdminRoute('presets.create')
  async create(@Req() request: FastifyRequest) {
    adminQueryOf(request, 'presets.create');
    const input = adminBodyOf(request, 'presets.create');
    const actor = await this.actors.of(request, input.tenant);
    return presentChangedPreset(await this.presets.create(actor, input), input.limits);
  }

  @AdminRoute('presets.get')
  async get(@Req() request: FastifyRequest) {
    adminQueryOf(request, 'presets.get');
    return presentPreset(await this.presets.get(await this.actors.of(request), pathReference(request)));
  }

  @AdminRoute('presets.update')
  async update(@Req() request: FastifyRequest) {
    adminQueryOf(request, 'presets.update');
    const input = adminBodyOf(request, 'presets.update');
    const actor = await this.actors.of(request, input.tenant);
    return presentChangedPreset(await this.presets.update(actor, pathReference(request), input), input.limits);
  }

  @AdminRoute('presets.delete')
  async delete(@Req() request: FastifyRequest) {
    adminQueryOf(request, 'presets.delete');
    const { id } = await this.presets.delete(await this.actors.of(request), pathReference(request));
    return presentDeleted('preset', id);
  }
}

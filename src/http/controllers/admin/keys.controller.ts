import { Controller, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { presentPage } from '../../../contracts/lists.js';
import { KeyDeletionService } from '../../../modules/key-deletion/key-deletion.service.js';
import { KeysService } from '../../../modules/keys/keys.service.js';
import { Actors } from '../../auth/actor.js';
import { presentDeleted } from '../../presenters/deleted.presenter.js';
import { presentChangedKey, presentIssuedKey, presentKey } from '../../presenters/key.presenter.js';
import { AdminRoute } from '../../routing/gt-route.decorator.js';
import { pathReference } from '../../routing/path-reference.js';
import { adminBodyOf } from '../../routing/row-body.js';
import { adminQueryOf } from '../../routing/row-query.js';

/** The doors of keys: making, showing, changing and removing them. Their life stands in key-life.controller.ts. */
@Controller()
export class KeysController {
  constructor(
    private readonly keys: KeysService,
    private readonly deletion: KeyDeletionService,
    private readonly actors: Actors,
  ) {}

  @AdminRoute('keys.list')
  async list(@Req() request: FastifyRequest) {
    const query = adminQueryOf(request, 'keys.list');
    return presentPage(await this.keys.list(await this.actors.of(request), query, query), presentKey);
  }

  @AdminRoute('keys.create')
  async create(@Req() request: FastifyRequest) {
    adminQueryOf(request, 'keys.create');
    const input = adminBodyOf(request, 'keys.create');
    const actor = await this.actors.of(request, input.tenant);
    const created = await this.keys.create(actor, input);
    return presentIssuedKey(created, created.notices);
  }

  @AdminRoute('keys.get')
  async get(@Req() request: FastifyRequest) {
    adminQueryOf(request, 'keys.get');
    return presentKey(await this.keys.get(await this.actors.of(request), pathReference(request)));
  }

  @AdminRoute('keys.update')
  async update(@Req() request: FastifyRequest) {
    adminQueryOf(request, 'keys.update');
    const input = adminBodyOf(request, 'keys.update');
    const actor = await this.actors.of(request, input.tenant);
    const { value, notices } = await this.keys.update(actor, pathReference(request), input);
    return presentChangedKey(value, notices);
  }

  @AdminRoute('keys.delete')
  async delete(@Req() request: FastifyRequest) {
    const how = adminQueryOf(request, 'keys.delete');
    const { row } = await this.deletion.delete(await this.actors.of(request), pathReference(request), how);
    return presentDeleted('key', row.id);
  }
}

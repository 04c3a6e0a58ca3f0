import { Controller, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { KeyActivityObject } from '../../../contracts/key-activity.js';
import { presentPage } from '../../../contracts/lists.js';
import { KeysService } from '../../../modules/keys/keys.service.js';
import { UsageService } from '../../../modules/usage/usage.service.js';
import { Actors } from '../../auth/actor.js';
import { AdminRoute } from '../../routing/gt-route.decorator.js';
import { adminQueryOf } from '../../routing/row-query.js';

/** The door of what tells how busy keys are. */
@Controller()
export class KeyActivityController {
  constructor(
    private readonly keys: KeysService,
    private readonly usage: UsageService,
    private readonly actors: Actors,
  ) {}

  @AdminRoute('key-activity.list')
  async list(@Req() request: FastifyRequest) {
    const { hours: count, ...filter } = adminQueryOf(request, 'key-activity.list');
    const actor = await this.actors.of(request);
    const page = await this.keys.list(actor, filter, filter);
    const ids = page.rows.map(({ row }) => row.id);
    const { sinceMs, calls } = await this.usage.hoursOfKeys(actor.tenantId, ids, count);
    return presentPage(page, ({ row: { id, name } }): KeyActivityObject => {
      const hours = [...(calls.get(id) ?? [])];
      const sum = hours.reduce((all, one) => all + one, 0);
      return { object: 'key_activity', id, name, since: sinceMs / 1000, calls: sum, hours };
    });
  }
}

import { Controller, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { presentPage } from '../../../contracts/lists.js';
import { WebhookRotationService } from '../../../modules/webhooks/webhook-rotation.service.js';
import { WebhooksService } from '../../../modules/webhooks/webhooks.service.js';
import { Actors } from '../../auth/actor.js';
import { presentDeleted } from '../../presenters/deleted.presenter.js';
import { presentDelivery, presentWebhook, presentWebhookWithSecret } from '../../presenters/webhook.presenter.js';
import { AdminRoute } from '../../routing/gt-route.decorator.js';
import { pathParameter } from '../../routing/path-parameter.js';
import { adminBodyOf } from '../../routing/row-body.js';
import { adminQueryOf } from '../../routing/row-query.js';

/** The doors of webhooks. */
@Controller()
export class WebhooksController {
  constructor(
    private readonly webhooks: WebhooksService,
    private readonly rotation: WebhookRotationService,
    private readonly actors: Actors,
  ) {}

  @AdminRoute('webhooks.list')
  async list(@Req() request: FastifyRequest) {
    const query = adminQueryOf(request, 'webhooks.list');
    return presentPage(await this.webhooks.list(await this.actors.of(request), query), presentWebhook);
  }

  @AdminRoute('webhooks.create')
  async create(@Req() request: FastifyRequest) {
    adminQueryOf(request, 'webhooks.create');
    const input = adminBodyOf(request, 'webhooks.create');
    const actor = await this.actors.of(request, input.tenant);
    return presentWebhookWithSecret(await this.webhooks.create(actor, input));
  }

  @AdminRoute('webhooks.get')
  async get(@Req() request: FastifyRequest) {
    adminQueryOf(request, 'webhooks.get');
    return presentWebhook(await this.webhooks.get(await this.actors.of(request), pathParameter(request, 'id')));
  }

  @AdminRoute('webhooks.update')
  async update(@Req() request: FastifyRequest) {
    adminQueryOf(request, 'webhooks.update');
    const input = adminBodyOf(request, 'webhooks.update');
    const actor = await this.actors.of(request, input.tenant);
    return presentWebhook(await this.webhooks.update(actor, pathParameter(request, 'id'), input));
  }

  @AdminRoute('webhooks.delete')
  async delete(@Req() request: FastifyRequest) {
    adminQueryOf(request, 'webhooks.delete');
    const id = pathParameter(request, 'id');
    await this.webhooks.delete(await this.actors.of(request), id);
    return presentDeleted('webhook', id);
  }

  @AdminRoute('webhooks.rotate')
  async rotate(@Req() request: FastifyRequest) {
    adminQueryOf(request, 'webhooks.rotate');
    const input = adminBodyOf(request, 'webhooks.rotate');
    const actor = await this.actors.of(request, input.tenant);
    return presentWebhookWithSecret(await this.rotation.rotate(actor, pathParameter(request, 'id'), input.overlap_seconds));
  }

  @AdminRoute('webhooks.deliveries')
  async deliveries(@Req() request: FastifyRequest) {
    const query = adminQueryOf(request, 'webhooks.deliveries');
    const actor = await this.actors.of(request);
    return presentPage(await this.webhooks.listDeliveries(actor, pathParameter(request, 'id'), query), presentDelivery);
  }
}

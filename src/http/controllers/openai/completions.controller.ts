import { Controller, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ExchangeTools } from '../../../modules/inference/exchange/exchange-tools.js';
import { CompletionsService } from '../../../modules/stored-completions/completions.service.js';
import { conversationOwnerOf as ownerOf } from '../../auth/conversation-owner.js';
import { recordedAsJson } from '../../idempotency/recorded-as.js';
import { completionJson, completionListJson, completionMessagesJson } from '../../presenters/completion.presenter.js';
import { sendJson } from '../../reply/json-text.js';
import { GtRoute } from '../../routing/gt-route.decorator.js';
import { pathParameter } from '../../routing/path-parameter.js';
import { bodyOf } from '../../routing/row-body.js';
import { queryOf } from '../../routing/row-query.js';

/** Chat completions that a client stored with `store: true`, as OpenAI has them. */
@Controller()
export class CompletionsController {
  constructor(
    private readonly completions: CompletionsService,
    private readonly tools: ExchangeTools,
  ) {}

  @GtRoute('chat.completions.list')
  async list(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply) {
    const query = queryOf(request, 'chat.completions.list');
    return this.send(request, reply, completionListJson(await this.completions.list(ownerOf(request), query)));
  }

  @GtRoute('chat.completions.get')
  async get(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply) {
    queryOf(request, 'chat.completions.get');
    return this.send(request, reply, completionJson(await this.completions.get(ownerOf(request), idOf(request))));
  }

  @GtRoute('chat.completions.update')
  async update(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply) {
    queryOf(request, 'chat.completions.update');
    const { metadata } = bodyOf(request, 'chat.completions.update');
    const recording = recordedAsJson(request, completionJson);
    const updated = await this.completions.update(ownerOf(request), idOf(request), metadata ?? {}, recording);
    return this.send(request, reply, completionJson(updated));
  }

  @GtRoute('chat.completions.delete')
  async delete(@Req() request: FastifyRequest) {
    queryOf(request, 'chat.completions.delete');
    const id = idOf(request);
    await this.completions.delete(ownerOf(request), id);
    return { id, object: 'chat.completion.deleted', deleted: true };
  }

  @GtRoute('chat.completions.messages.list')
  async messages(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply) {
    const query = queryOf(request, 'chat.completions.messages.list');
    const id = idOf(request);
    return this.send(
      request,
      reply,
      completionMessagesJson(id, await this.completions.listMessages(ownerOf(request), id, query)),
    );
  }

  /** Texts of a stored completion may have many mebibytes. */
  private send(request: FastifyRequest, reply: FastifyReply, json: string): Buffer {
    return sendJson(reply, this.tools.replies, ownerOf(request).tenantId, json);
  }
}

function idOf(request: FastifyRequest): string {
  return pathParameter(request, 'completion_id');
}

import { Controller, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { decideModel } from '../../../catalog/decide.js';
import { resolveSpelling } from '../../../catalog/spellings.js';
import { presentPage } from '../../../contracts/lists.js';
import { AppError } from '../../../kernel/app-error.js';
import { EndpointDirectory, findEndpoint } from '../../../modules/agents/endpoint-directory.js';
import { conversationHeader } from '../../../modules/conversations/conversation-name.js';
import { ConversationsService } from '../../../modules/conversations/conversations.service.js';
import { Guardrails } from '../../../modules/inference/guardrails/guardrails.js';
import type { Identity } from '../../../modules/keys/key-facts.js';
import { conversationOwnerOf } from '../../auth/conversation-owner.js';
import { identityOf } from '../../auth/identity.js';
import { recordedAs } from '../../idempotency/recorded-as.js';
import { presentConversation } from '../../presenters/conversation.presenter.js';
import { GtRoute } from '../../routing/gt-route.decorator.js';
import { pathParameter } from '../../routing/path-parameter.js';
import { bodyOf } from '../../routing/row-body.js';
import { queryOf } from '../../routing/row-query.js';

/** OpenAI's conversations with GT's `model` and `title`, and the list of a key's own ones. */
@Controller()
export class ConversationsController {
  constructor(
    private readonly conversations: ConversationsService,
    private readonly endpoints: EndpointDirectory,
    private readonly guardrails: Guardrails,
  ) {}

  @GtRoute('conversations.create')
  async create(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply) {
    const { items, metadata, model, title } = bodyOf(request, 'conversations.create');
    const named = model == null ? null : await this.allowedModel(identityOf(request), model);
    const values = { metadata: metadata ?? {}, model: named, title: title ?? null };
    const recording = recordedAs(request, presentConversation, headersOf);
    const judged = await this.guardrails.items(identityOf(request), items ?? []);
    const made = await this.conversations.create(conversationOwnerOf(request), values, judged, recording);
    void reply.headers(headersOf(made));
    return presentConversation(made);
  }

  @GtRoute('conversations.list')
  async list(@Req() request: FastifyRequest) {
    const query = queryOf(request, 'conversations.list');
    return presentPage(await this.conversations.list(conversationOwnerOf(request), query), presentConversation);
  }

  @GtRoute('conversations.get')
  async get(@Req() request: FastifyRequest) {
    return presentConversation(
      await this.conversations.get(conversationOwnerOf(request), pathParameter(request, 'conversation_id')),
    );
  }

  @GtRoute('conversations.update')
  async update(@Req() request: FastifyRequest) {
    const { metadata, title } = bodyOf(request, 'conversations.update');
    const values = { ...(metadata === undefined ? {} : { metadata: metadata ?? {} }), ...(title === undefined ? {} : { title }) };
    const id = pathParameter(request, 'conversation_id');
    const recording = recordedAs(request, presentConversation);
    return presentConversation(await this.conversations.update(conversationOwnerOf(request), id, values, recording));
  }

  @GtRoute('conversations.delete')
  async delete(@Req() request: FastifyRequest) {
    const id = pathParameter(request, 'conversation_id');
    await this.conversations.delete(conversationOwnerOf(request), id);
    return { id, object: 'conversation.deleted', deleted: true };
  }

  /** The published name, when the key may use it for chat. @throws AppError model_not_found, unsupported_modality. */
  private async allowedModel({ key, tenant }: Identity, name: string): Promise<string> {
    const endpoint = findEndpoint(await this.endpoints.of(tenant.id), resolveSpelling(name));
    const refused = decideModel(key, endpoint, name, 'chat');
    if (refused !== undefined) {
      const { code, ...options } = refused;
      throw new AppError(code, options);
    }
    return endpoint?.name ?? name;
  }
}

function headersOf({ id }: { readonly id: string }): Record<string, string> {
  return { [conversationHeader]: id };
}

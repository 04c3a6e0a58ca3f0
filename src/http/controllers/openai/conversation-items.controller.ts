import { Controller, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { ConversationsService } from '../../../modules/conversations/conversations.service.js';
import { Guardrails } from '../../../modules/inference/guardrails/guardrails.js';
import { conversationOwnerOf } from '../../auth/conversation-owner.js';
import { identityOf } from '../../auth/identity.js';
import type { StoredItem } from '../../../modules/conversations/conversation-record.js';
import { recordedAs } from '../../idempotency/recorded-as.js';
import { presentConversation, presentItems } from '../../presenters/conversation.presenter.js';
import { GtRoute } from '../../routing/gt-route.decorator.js';
import { pathParameter } from '../../routing/path-parameter.js';
import { bodyOf } from '../../routing/row-body.js';
import { queryOf } from '../../routing/row-query.js';

/** The items of a conversation, as OpenAI has them. */
@Controller()
export class ConversationItemsController {
  constructor(
    private readonly conversations: ConversationsService,
    private readonly guardrails: Guardrails,
  ) {}

  @GtRoute('conversations.items.create')
  async create(@Req() request: FastifyRequest) {
    queryOf(request, 'conversations.items.create');
    const given = bodyOf(request, 'conversations.items.create');
    const items = await this.guardrails.items(identityOf(request), given.items);
    const id = pathParameter(request, 'conversation_id');
    const shown = (rows: StoredItem[]) => presentItems({ rows, hasMore: false });
    return shown(await this.conversations.addItems(conversationOwnerOf(request), id, items, recordedAs(request, shown)));
  }

  @GtRoute('conversations.items.list')
  async list(@Req() request: FastifyRequest) {
    const query = queryOf(request, 'conversations.items.list');
    const id = pathParameter(request, 'conversation_id');
    return presentItems(await this.conversations.listItems(conversationOwnerOf(request), id, query));
  }

  @GtRoute('conversations.items.get')
  async get(@Req() request: FastifyRequest) {
    queryOf(request, 'conversations.items.get');
    const id = pathParameter(request, 'conversation_id');
    return this.conversations.getItem(conversationOwnerOf(request), id, pathParameter(request, 'item_id'));
  }

  @GtRoute('conversations.items.delete')
  async delete(@Req() request: FastifyRequest) {
    const id = pathParameter(request, 'conversation_id');
    return presentConversation(
      await this.conversations.deleteItem(conversationOwnerOf(request), id, pathParameter(request, 'item_id')),
    );
  }
}

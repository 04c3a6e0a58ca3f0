import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { decideModel } from '../../catalog/decide.js';
import { resolveSpelling } from '../../catalog/spellings.js';
import { AppError } from '../../kernel/app-error.js';
import { EndpointDirectory, findEndpoint } from '../../modules/agents/endpoint-directory.js';
import type { PublishedEndpoint } from '../../modules/agents/published-endpoint.js';
import { conversationHeader, conversationNamed, type ConversationName } from '../../modules/conversations/conversation-name.js';
import { ConversationStore } from '../../modules/conversations/conversation-store.js';
import { ConversationsService } from '../../modules/conversations/conversations.service.js';
import type { Acceptance } from '../../modules/files/intake/acceptance.js';
import { conversationOwnerOf } from '../auth/conversation-owner.js';
import { identityOf } from '../auth/identity.js';

/** How an upload names its conversation, beside the header. */
export interface NamingFields {
  readonly conversation_id?: string | undefined;
  readonly model?: string | undefined;
}

/** Which conversation an upload goes into: one that it names, or a new one. */
@Injectable()
export class ConversationNaming {
  constructor(
    private readonly conversations: ConversationsService,
    private readonly store: ConversationStore,
    private readonly endpoints: EndpointDirectory,
  ) {}

  /** Refuses what the header alone tells. @throws AppError invalid_value, not_found. */
  async refuseByHeader(request: FastifyRequest): Promise<void> {
    const name = named(request, {});
    if (name?.kind === 'own') await this.conversations.get(conversationOwnerOf(request), name.id);
  }

  /**
   * The conversation as the place of a file. A name that a product made up stands for one of the key's, made on first use;
   * without a name a new one is made. What is made comes with the file's row, so a refused upload leaves no conversation.
   * @throws AppError invalid_value, not_found, model_not_found.
   */
  async resolve(request: FastifyRequest, fields: NamingFields): Promise<Acceptance['owner']> {
    const owner = conversationOwnerOf(request);
    const name = named(request, fields);
    if (name?.kind === 'own') return { conversationId: (await this.conversations.get(owner, name.id)).id };
    const model = await this.model(request, fields.model);
    if (name === undefined) {
      const values = { model, title: null, metadata: {} };
      return async (tx) => ({ conversationId: (await this.conversations.createIn(tx, owner, values)).id });
    }
    if (model === null)
      throw new AppError('missing_required_parameter', {
        param: 'model',
        message: "Name the conversation's model in the field 'model'.",
      });
    return async (tx) => ({ conversationId: await this.store.resolveIn(tx, owner, name, model) });
  }

  /** The published name that a new conversation uses: the one that is asked for, else the tenant's default if the key may. */
  private async model(request: FastifyRequest, asked: string | undefined): Promise<string | null> {
    const { key, tenant } = identityOf(request);
    const endpoints = await this.endpoints.of(tenant.id);
    const may = (endpoint: PublishedEndpoint | undefined, name: string) => decideModel(key, endpoint, name, 'chat');
    if (asked !== undefined) {
      const endpoint = findEndpoint(endpoints, resolveSpelling(asked));
      const refused = may(endpoint, asked);
      if (refused === undefined) return endpoint?.name ?? null;
      const { code, ...options } = refused;
      throw new AppError(code, options);
    }
    const { byDefault, byName } = endpoints;
    const usual = [...(byDefault === undefined ? [] : [byDefault]), ...byName.values()];
    return usual.find((endpoint) => may(endpoint, endpoint.name) === undefined)?.name ?? null;
  }
}

function named(request: FastifyRequest, { conversation_id: field }: NamingFields): ConversationName | undefined {
  const header = request.headers[conversationHeader];
  const given = typeof header === 'string' && header !== '' ? header : undefined;
  if (given !== undefined && field !== undefined && given !== field) {
    throw new AppError('invalid_value', {
      param: 'conversation_id',
      message: `The field conversation_id and the header ${conversationHeader} name different conversations.`,
    });
  }
  const text = given ?? field;
  return text === undefined ? undefined : conversationNamed(text, given === undefined ? 'conversation_id' : conversationHeader);
}

import type { FastifyRequest } from 'fastify';
import type { ConversationOwner } from '../../modules/conversations/conversation-record.js';
import { identityOf } from './identity.js';

/** Whose conversations a call may touch: those of its own key. */
export function conversationOwnerOf(request: FastifyRequest): ConversationOwner {
  const { key } = identityOf(request);
  return { tenantId: key.tenantId, keyId: key.id };
}

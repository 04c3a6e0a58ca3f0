import { Module } from '@nestjs/common';
import { ConversationExpiryRepository } from './conversation-expiry.repository.js';
import { ConversationExpiryService } from './conversation-expiry.service.js';
import { ConversationItemsRepository } from './conversation-items.repository.js';
import { ConversationLeasesRepository } from './conversation-leases.repository.js';
import { ConversationStore } from './conversation-store.js';
import { ConversationsRepository } from './conversations.repository.js';
import { ConversationsService } from './conversations.service.js';
import { TurnTimes } from './turn-times.js';

/**
 * Conversations of keys: their life and items (conversations.service), the turns by which calls continue them
 * (conversation-store), and their removal after the tenant's days of retention (conversation-expiry).
 */
@Module({
  providers: [
    ConversationExpiryRepository,
    ConversationExpiryService,
    ConversationItemsRepository,
    ConversationLeasesRepository,
    ConversationStore,
    ConversationsRepository,
    ConversationsService,
    TurnTimes,
  ],
  exports: [ConversationExpiryService, ConversationStore, ConversationsService],
})
export class ConversationsModule {}

import { Module } from '@nestjs/common';
import { CompletionMessagesRepository } from './completion-messages.repository.js';
import { CompletionStore } from './completion-store.js';
import { CompletionsRepository } from './completions.repository.js';
import { CompletionsService } from './completions.service.js';
import { StoredExpiryRepository } from './stored-expiry.repository.js';
import { StoredExpiryService } from './stored-expiry.service.js';

/**
 * Chat completions that clients asked to store: the relay puts them in (completion-store), their key reads, changes and
 * deletes them (completions.service), and they go after the tenant's days (stored-expiry).
 */
@Module({
  providers: [
    CompletionMessagesRepository,
    CompletionStore,
    CompletionsRepository,
    CompletionsService,
    StoredExpiryRepository,
    StoredExpiryService,
  ],
  exports: [CompletionStore, CompletionsRepository, CompletionsService, StoredExpiryService],
})
export class StoredCompletionsModule {}

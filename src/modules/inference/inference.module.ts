import { Module } from '@nestjs/common';
import { UpstreamModule } from '../../platform/upstream/upstream.module.js';
import { AgentsModule } from '../agents/agents.module.js';
import { ConversationsModule } from '../conversations/conversations.module.js';
import { EmbeddingsModule } from '../embeddings/embeddings.module.js';
import { KeysModule } from '../keys/keys.module.js';
import { RetrievalModule } from '../retrieval/retrieval.module.js';
import { UsageModule } from '../usage/usage.module.js';
import { ChatTurns } from './conversation/chat-turns.js';
import { ExchangeTools } from './exchange-tools.js';
import { InferenceService } from './inference.service.js';
import { OpenStreams } from './open-streams.js';
import { ChatPassages } from './retrieval/chat-passages.js';
import { ChatTargetsRepository } from './retrieval/chat-targets.repository.js';

/**
 * The relay: a request is read without parsing (call-plan), admitted, sent (provider-call) and answered in one piece
 * (plain-exchange) or as a stream (stream-exchange). The byte work stands in wire/. Calls that continue a conversation are
 * made turns of it by conversation/, those that documents help to answer get passages from retrieval/: only these parse.
 */
@Module({
  imports: [UpstreamModule, AgentsModule, ConversationsModule, EmbeddingsModule, KeysModule, RetrievalModule, UsageModule],
  providers: [InferenceService, ChatPassages, ChatTargetsRepository, ChatTurns, ExchangeTools, OpenStreams],
  exports: [InferenceService, OpenStreams],
})
export class InferenceModule {}

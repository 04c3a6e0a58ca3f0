import { Module } from '@nestjs/common';
import { AiSdkModule } from '../../platform/ai-sdk/ai-sdk.module.js';
import { AgentsModule } from '../agents/agents.module.js';
import { ConnectionsModule } from '../connections/connections.module.js';
import { KeysModule } from '../keys/keys.module.js';
import { UsageModule } from '../usage/usage.module.js';
import { EmbeddingClient } from './embedding-client.js';
import { QuestionEmbedder } from './question-embedder.js';

/**
 * Embedding calls that the platform makes itself: passages of files and questions of searches. A client's own calls go
 * through modules/inference, byte by byte; these are parsed. Both pass the same gates and are booked the same way.
 */
@Module({
  imports: [AiSdkModule, AgentsModule, ConnectionsModule, KeysModule, UsageModule],
  providers: [EmbeddingClient, QuestionEmbedder],
  exports: [EmbeddingClient, QuestionEmbedder],
})
export class EmbeddingsModule {}

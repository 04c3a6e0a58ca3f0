import { Module } from '@nestjs/common';
import { AiSdkModule } from '../../platform/ai-sdk/ai-sdk.module.js';
import { UpstreamModule } from '../../platform/upstream/upstream.module.js';
import { AgentsModule } from '../agents/agents.module.js';
import { ConversationsModule } from '../conversations/conversations.module.js';
import { FilesModule } from '../files/files.module.js';
import { EmbeddingsModule } from '../embeddings/embeddings.module.js';
import { KeptThoughtsModule } from '../kept-thoughts/kept-thoughts.module.js';
import { OpenStreamsModule } from '../open-streams/open-streams.module.js';
import { ResponsesModule } from '../responses/responses.module.js';
import { RetrievalModule } from '../retrieval/retrieval.module.js';
import { StoredCompletionsModule } from '../stored-completions/stored-completions.module.js';
import { UsageModule } from '../usage/usage.module.js';
import { VectorStoresModule } from '../vector-stores/vector-stores.module.js';
import { AcceptedCalls } from './background/accepted-calls.js';
import { StoredStreams } from './background/stored-streams.js';
import { CallAddresses } from './attachments/call-addresses.js';
import { CallFiles } from './attachments/call-files.js';
import { ContentSeals } from './call/content-seals.js';
import { DialogueTurns } from './conversation/dialogue-turns.js';
import { ExchangeStarter } from './exchange/exchange-starter.js';
import { ExchangeTools } from './exchange/exchange-tools.js';
import { FormReceiver } from './forms/form-receiver.js';
import { Spool } from './forms/spool.js';
import { Guardrails } from './guardrails/guardrails.js';
import { InferenceService } from './inference.service.js';
import { DialoguePassages } from './retrieval/dialogue-passages.js';
import { FileSearches } from './retrieval/file-searches.js';
import { PassageTargetsRepository } from './retrieval/passage-targets.repository.js';
import { QuestionVectors } from './retrieval/question-vectors.js';
import { CallSender } from './sending/call-sender.js';
import { FetchedFirst } from './sending/fetched-first.js';
import { SpokenEmbeddingsModule } from './spoken/spoken-embeddings.module.js';
import { SpokenCalls } from './spoken/spoken-calls.js';
import { StoredCalls } from './storing/stored-calls.js';

/**
 * The relay: a request is read by its kind (kinds/) without parsing, let through, sent and answered (exchange/) in one
 * piece or as a stream. What they all speak of stands in call/, the byte work in wire/. Calls that continue a conversation
 * are made turns of it by conversation/, those that documents help to answer get passages from retrieval/,
 * those that clients want to store are kept by storing/: only these parse. Providers of other wires are asked by spoken/.
 * Calls that nobody waits for are taken in, and their streams told again, by background/; modules/background-runs makes them.
 * Requests that are forms come through forms/. What clients send is judged by guardrails/ before anything is made of it,
 * where their keys say so.
 */
@Module({
  imports: [
    AiSdkModule,
    UpstreamModule,
    AgentsModule,
    ConversationsModule,
    EmbeddingsModule,
    FilesModule,
    KeptThoughtsModule,
    OpenStreamsModule,
    ResponsesModule,
    RetrievalModule,
    SpokenEmbeddingsModule,
    StoredCompletionsModule,
    UsageModule,
    VectorStoresModule,
  ],
  providers: [
    AcceptedCalls,
    InferenceService,
    CallAddresses,
    CallFiles,
    CallSender,
    ContentSeals,
    DialoguePassages,
    FileSearches,
    PassageTargetsRepository,
    QuestionVectors,
    DialogueTurns,
    ExchangeStarter,
    ExchangeTools,
    FetchedFirst,
    Guardrails,
    SpokenCalls,
    StoredCalls,
    StoredStreams,
    FormReceiver,
    Spool,
  ],
  exports: [ExchangeTools, FormReceiver, Guardrails, InferenceService, StoredStreams],
})
export class InferenceModule {}

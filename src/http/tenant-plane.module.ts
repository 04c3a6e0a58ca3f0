import { Module } from '@nestjs/common';
import { AgentsModule } from '../modules/agents/agents.module.js';
import { ApprovalsModule } from '../modules/approvals/approvals.module.js';
import { BatchesModule } from '../modules/batches/batches.module.js';
import { ConversationsModule } from '../modules/conversations/conversations.module.js';
import { DatasetsModule } from '../modules/datasets/datasets.module.js';
import { FilesModule } from '../modules/files/files.module.js';
import { FineTuningModule } from '../modules/fine-tuning/fine-tuning.module.js';
import { InferenceModule } from '../modules/inference/inference.module.js';
import { KeysModule } from '../modules/keys/keys.module.js';
import { LimitReportModule } from '../modules/limit-report/limit-report.module.js';
import { OpenStreamsModule } from '../modules/open-streams/open-streams.module.js';
import { ResponsesModule } from '../modules/responses/responses.module.js';
import { StoredCompletionsModule } from '../modules/stored-completions/stored-completions.module.js';
import { UsageModule } from '../modules/usage/usage.module.js';
import { VectorStoresModule } from '../modules/vector-stores/vector-stores.module.js';
import { BodyRooms } from './body/body-rooms.js';
import { ConversationNaming } from './uploads/conversation-naming.js';
import { ApprovalsController } from './controllers/gt/approvals.controller.js';
import { ConversationFilesController } from './controllers/gt/conversation-files.controller.js';
import { DatasetFilesController } from './controllers/gt/dataset-files.controller.js';
import { DatasetsController } from './controllers/gt/datasets.controller.js';
import { FileEventsController } from './controllers/gt/file-events.controller.js';
import { FilesController } from './controllers/gt/files.controller.js';
import { HarborController } from './controllers/gt/harbor.controller.js';
import { KeyController } from './controllers/gt/key.controller.js';
import { UploadTargetsController } from './controllers/gt/upload-targets.controller.js';
import { UsageController } from './controllers/gt/usage.controller.js';
import { BatchesController } from './controllers/openai/batches.controller.js';
import { CompletionsController } from './controllers/openai/completions.controller.js';
import { ConversationItemsController } from './controllers/openai/conversation-items.controller.js';
import { ConversationsController } from './controllers/openai/conversations.controller.js';
import { FineTuningController } from './controllers/openai/fine-tuning.controller.js';
import { ModelsController } from './controllers/openai/models.controller.js';
import { RelayDoor } from './controllers/openai/relay-door.js';
import { ResponsesController } from './controllers/openai/responses.controller.js';
import { VectorStoreFilesController } from './controllers/openai/vector-store-files.controller.js';
import { VectorStoresController } from './controllers/openai/vector-stores.controller.js';
import { UploadsController } from './controllers/openai/uploads.controller.js';
import { TenantFilesController } from './controllers/openai/tenant-files.controller.js';
import { SocketDoor } from './sockets/socket-door.js';
import { RelayForms } from './uploads/relay-forms.js';
import { UploadReader } from './uploads/upload-reader.js';

/** The doors of the tenant data plane: OpenAI's routes and GT's own. */
@Module({
  imports: [
    AgentsModule,
    ApprovalsModule,
    BatchesModule,
    ConversationsModule,
    DatasetsModule,
    FilesModule,
    FineTuningModule,
    InferenceModule,
    KeysModule,
    LimitReportModule,
    OpenStreamsModule,
    ResponsesModule,
    StoredCompletionsModule,
    UsageModule,
    VectorStoresModule,
  ],
  controllers: [
    ModelsController,
    BatchesController,
    CompletionsController,
    ConversationsController,
    ConversationItemsController,
    ResponsesController,
    FineTuningController,
    ConversationFilesController,
    DatasetsController,
    DatasetFilesController,
    FilesController,
    FileEventsController,
    TenantFilesController,
    UploadsController,
    UploadTargetsController,
    KeyController,
    UsageController,
    HarborController,
    ApprovalsController,
    VectorStoresController,
    VectorStoreFilesController,
  ],
  providers: [BodyRooms, ConversationNaming, RelayDoor, RelayForms, SocketDoor, UploadReader],
})
export class TenantPlaneModule {}

import { Module } from '@nestjs/common';
import { AgentsModule } from '../modules/agents/agents.module.js';
import { ConversationsModule } from '../modules/conversations/conversations.module.js';
import { InferenceModule } from '../modules/inference/inference.module.js';
import { KeysModule } from '../modules/keys/keys.module.js';
import { UsageModule } from '../modules/usage/usage.module.js';
import { KeyController } from './controllers/gt/key.controller.js';
import { UsageController } from './controllers/gt/usage.controller.js';
import { ConversationItemsController } from './controllers/openai/conversation-items.controller.js';
import { ConversationsController } from './controllers/openai/conversations.controller.js';
import { InferenceController } from './controllers/openai/inference.controller.js';
import { ModelsController } from './controllers/openai/models.controller.js';

/** The doors of the tenant data plane: OpenAI's routes and GT's own. */
@Module({
  imports: [AgentsModule, ConversationsModule, InferenceModule, KeysModule, UsageModule],
  controllers: [ModelsController, InferenceController, ConversationsController, ConversationItemsController, KeyController, UsageController],
})
export class TenantPlaneModule {}

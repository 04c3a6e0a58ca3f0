import type { JobPayload } from '../../contracts/jobs.js';
import { ConversationExpiryService } from '../../modules/conversations/conversation-expiry.service.js';
import type { JobRun } from '../../platform/queue/job-run.js';
import { Processes, type JobProcessor } from '../processes.decorator.js';

/** Removes conversations whose time of retention is over, every hour. */
@Processes('conversations.expire')
export class ConversationsExpireProcessor implements JobProcessor<'conversations.expire'> {
  constructor(private readonly conversations: ConversationExpiryService) {}

  async process(_payload: JobPayload<'conversations.expire'>, run: JobRun): Promise<void> {
    await this.conversations.expire(run.signal);
  }
}

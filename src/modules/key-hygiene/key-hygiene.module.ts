import { Module } from '@nestjs/common';
import { KeysModule } from '../keys/keys.module.js';
import { MembersModule } from '../members/members.module.js';
import { WebhooksModule } from '../webhooks/webhooks.module.js';
import { EndingKeysRepository } from './ending-keys.repository.js';
import { EndingKeysService } from './ending-keys.service.js';
import { KeyFindingsService } from './key-findings.service.js';
import { LeakReportsRepository } from './leak-reports.repository.js';
import { LeakReportsService } from './leak-reports.service.js';

/** What keeps keys clean: tenants hear of keys that end, and secrets that were found somewhere public end. */
@Module({
  imports: [KeysModule, MembersModule, WebhooksModule],
  providers: [EndingKeysRepository, EndingKeysService, KeyFindingsService, LeakReportsRepository, LeakReportsService],
  exports: [EndingKeysService, KeyFindingsService, LeakReportsService],
})
export class KeyHygieneModule {}

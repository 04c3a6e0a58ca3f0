import { Module } from '@nestjs/common';
import { ProviderClient } from './provider-client.js';
import { ProviderFiles } from './provider-files.js';

/** What the platform lets providers do that outlasts a call: calls about it, the files for it, and what they say, cleaned. */
@Module({
  providers: [ProviderClient, ProviderFiles],
  exports: [ProviderClient, ProviderFiles],
})
export class ProviderJobsModule {}

import { Module } from '@nestjs/common';
import { UpstreamModule } from '../upstream/upstream.module.js';
import { ModelClient } from './model-client.js';

/**
 * Providers that packages of Vercel's AI SDK speak to: `ModelClient` asks them as `EgressClient` asks all others. The packages
 * are optional, loaded when a connection first needs one (`model-drivers.ts`), and imported nowhere else; their calls go out
 * through the egress client, which they are given as their `fetch`.
 */
@Module({ imports: [UpstreamModule], providers: [ModelClient], exports: [ModelClient] })
export class AiSdkModule {}

import { Global, Module } from '@nestjs/common';
import { Config } from '../../config/config.module.js';
import { KeyRing } from './key-ring.js';

/** The key ring that seals and opens provider secrets. */
@Global()
@Module({
  providers: [{ provide: KeyRing, useFactory: (config: Config) => new KeyRing(config.GT_SECRET_KEYS), inject: [Config] }],
  exports: [KeyRing],
})
export class SecretsModule {}

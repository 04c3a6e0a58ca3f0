import { Global, Module } from '@nestjs/common';
import { Config } from '../config/config.module.js';
import { Log } from './log.js';
import { Metrics } from './metrics.js';

/** The process's one log and its metrics, for everyone. */
@Global()
@Module({
  providers: [{ provide: Log, useFactory: (config: Config) => new Log(config), inject: [Config] }, Metrics],
  exports: [Log, Metrics],
})
export class ObservabilityModule {}

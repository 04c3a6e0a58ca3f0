import { Global, Module, type DynamicModule } from '@nestjs/common';
import { Config } from '../config/config.module.js';
import { Log } from './log.js';
import { Metrics } from './metrics.js';
import { Tracing } from './tracing/tracing.js';

/** The process's one log, its metrics and its traces, for everyone. */
@Global()
@Module({})
export class ObservabilityModule {
  /** @param serviceName what the process is called in traces where the settings do not name it. */
  static of(serviceName: string): DynamicModule {
    return {
      module: ObservabilityModule,
      providers: [
        { provide: Log, useFactory: (config: Config) => new Log(config), inject: [Config] },
        Metrics,
        {
          provide: Tracing,
          useFactory: (config: Config, log: Log) => Tracing.start(config, log, serviceName),
          inject: [Config, Log],
        },
      ],
      exports: [Log, Metrics, Tracing],
    };
  }
}

import { Global, Module, type DynamicModule } from '@nestjs/common';
import type { Config as ConfigValues } from './load-config.js';

/** The injection token of the process's settings; the type of the same name is what is injected. */
export const Config = class Config {} as unknown as abstract new () => ConfigValues;
export type Config = ConfigValues;

/** Gives every module the one frozen Config that start-up has checked. */
@Global()
@Module({})
export class ConfigModule {
  static forRoot(config: ConfigValues): DynamicModule {
    return { module: ConfigModule, providers: [{ provide: Config, useValue: config }], exports: [Config] };
  }
}

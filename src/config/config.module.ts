import { Global, Module, type DynamicModule } from '@nestjs/common';
import type { Config as ConfigValues } from './load-config.js';

/** The injection token of the process's settings, and their type under the same name. */
export abstract class Config {}
// eslint-disable-next-line @typescript-eslint/no-unsafe-declaration-merging
export interface Config extends ConfigValues {}

/** Gives every module the one frozen Config that start-up has checked. */
@Global()
@Module({})
export class ConfigModule {
  static forRoot(config: ConfigValues): DynamicModule {
    return { module: ConfigModule, providers: [{ provide: Config, useValue: config }], exports: [Config] };
  }
}

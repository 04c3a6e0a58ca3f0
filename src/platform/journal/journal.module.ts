import { Logger, Module, type OnApplicationShutdown } from '@nestjs/common';
import { join } from 'node:path';
import { Config } from '../../config/config.module.js';
import { CallJournal } from './call-journal.js';

/**
 * The local journal of calls to providers: what makes one usage record of every call, also after a kill -9.
 * call-journal writes it (segments, records), undrained-calls hands it to the drain, adoption reads what the dead left.
 * It knows nothing of the database; modules/usage carries the records there.
 */
@Module({
  providers: [
    {
      provide: CallJournal,
      useFactory: (config: Config) => {
        const logger = new Logger(CallJournal.name);
        return new CallJournal({
          root: join(config.GT_DATA_DIR, 'journal'),
          onError: (message, error) => logger.error(error instanceof Error ? `${message} ${error.message}` : message),
        });
      },
      inject: [Config],
    },
  ],
  exports: [CallJournal],
})
export class JournalModule implements OnApplicationShutdown {
  constructor(private readonly journal: CallJournal) {}

  async onApplicationShutdown(): Promise<void> {
    await this.journal.close();
  }
}

import { Logger, Module, type OnApplicationShutdown } from '@nestjs/common';
import { join } from 'node:path';
import { Config } from '../../config/config.module.js';
import { CallJournal } from './call-journal.js';
import { RecordKinds } from './record-kinds.js';

/**
 * The local journal: what makes one usage record of every call to a provider, also after a kill -9, and keeps records of
 * whatever other kinds modules register with record-kinds. call-journal writes it (segments, records), undrained-calls hands
 * it to the drain, adoption reads what the dead left, kept-lines holds what cannot be read. The form of its lines stands in
 * journal-line. It knows nothing of the database; modules/usage carries the records there.
 */
@Module({
  providers: [
    { provide: RecordKinds, useFactory: () => new RecordKinds() },
    {
      provide: CallJournal,
      useFactory: (config: Config, kinds: RecordKinds) => {
        const logger = new Logger(CallJournal.name);
        return new CallJournal({
          root: join(config.GT_DATA_DIR, 'journal'),
          kinds,
          onError: (message, error) => logger.error(error instanceof Error ? `${message} ${error.message}` : message),
        });
      },
      inject: [Config, RecordKinds],
    },
  ],
  exports: [CallJournal, RecordKinds],
})
export class JournalModule implements OnApplicationShutdown {
  constructor(private readonly journal: CallJournal) {}

  async onApplicationShutdown(): Promise<void> {
    await this.journal.close();
  }
}

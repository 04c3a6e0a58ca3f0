import { Injectable } from '@nestjs/common';
import { access, constants, mkdir } from 'node:fs/promises';
import { Config } from '../../config/config.module.js';
import { CallJournal } from '../../platform/journal/call-journal.js';
import { CallLimiter } from '../limits/call-limiter.js';
import { QueueService } from '../../platform/queue/queue.service.js';
import { ObjectStore } from '../../platform/storage/object-store.js';
import { DatabaseReadiness } from './database-readiness.js';
import { fine, judge, type Check } from './readiness-check.js';
import { ReaderHealth } from './reader-health.js';

export interface Readiness {
  readonly status: 'ok' | 'degraded' | 'down';
  /** `document_reader` only where there is one. */
  readonly checks: Readonly<Record<'database' | 'migrations' | 'queue' | 'storage' | 'journal' | 'limits', Check>> & {
    readonly document_reader?: Check;
  };
}

/** Whether this process can do its work: each part named. Down without database or migrations, else degraded. */
@Injectable()
export class ReadinessService {
  private running: Promise<Readiness> | undefined;

  constructor(
    private readonly databaseReadiness: DatabaseReadiness,
    private readonly queue: QueueService,
    private readonly store: ObjectStore,
    private readonly journal: CallJournal,
    private readonly limiter: CallLimiter,
    private readonly reader: ReaderHealth,
    private readonly config: Config,
  ) {}

  /** Anyone may ask, so those who ask at the same time share one round of checks. */
  check(): Promise<Readiness> {
    this.running ??= this.checkAll().finally(() => {
      this.running = undefined;
    });
    return this.running;
  }

  private async checkAll(): Promise<Readiness> {
    const [database, migrations, queue, storage, reader] = await Promise.all([
      this.databaseReadiness.answers(),
      this.databaseReadiness.migrations(),
      this.jobs(),
      this.storage(),
      this.documentReader(),
    ]);
    const journal = this.usage();
    const limits = this.limits();
    const down = !database.ok || !migrations.ok;
    return {
      status: down ? 'down' : storage.ok && queue.ok && journal.ok && limits.ok && reader?.ok !== false ? 'ok' : 'degraded',
      checks: {
        database,
        migrations,
        queue,
        storage,
        journal,
        limits,
        ...(reader === undefined ? {} : { document_reader: reader }),
      },
    };
  }

  private jobs(): Promise<Check> {
    return judge(
      async () => {
        await this.queue.ping();
        return fine;
      },
      `The job queue does not answer (${this.config.REDIS_URL === undefined ? 'DATABASE_URL' : 'REDIS_URL'}).`,
    );
  }

  /** An S3 store needs the data folder too: uploads are received there. */
  private storage(): Promise<Check> {
    return judge(async () => {
      await mkdir(this.config.GT_DATA_DIR, { recursive: true });
      await access(this.config.GT_DATA_DIR, constants.W_OK);
      await this.store.ping();
      return fine;
    }, 'The file store does not take data (GT_DATA_DIR, GT_STORAGE).');
  }

  /** Without it only some documents are not read, so the process is never down for it. */
  private async documentReader(): Promise<Check | undefined> {
    const state = await this.reader.state();
    if (state === null) return undefined;
    return state.answers ? fine : { ok: false, message: 'The document reader does not answer (GT_DOCUMENT_READER_URL).' };
  }

  /** They go on, and are not exact over several processes meanwhile. */
  private limits(): Check {
    if (this.limiter.storeFailure === undefined) return fine;
    const setting = this.config.REDIS_URL === undefined ? 'DATABASE_URL' : 'REDIS_URL';
    return {
      ok: false,
      message: `The store of the limits does not answer (${setting}): each process counts its share by itself.`,
    };
  }

  private usage(): Check {
    const { kept } = this.journal;
    if (this.journal.healthy()) {
      if (kept.keptBytes === 0) return fine;
      return {
        ok: true,
        message: 'Some lines of journals cannot be read by this build; they are in <GT_DATA_DIR>/journal-kept.',
      };
    }
    return {
      ok: false,
      message: 'The journal of calls cannot be written; usage is kept in memory alone (GT_DATA_DIR).',
    };
  }
}

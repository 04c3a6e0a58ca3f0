import { AppError } from '../../../kernel/app-error.js';
import type { Upload } from '../../../platform/database/generated/client.js';
import type { TenantDatabase } from '../../../platform/database/tenant-database.js';
import type { UploadsRepository } from './uploads.repository.js';

const beatMs = 3_000;

/** A call that makes the file of an upload says that it lives; its signal fires when the upload is no longer its own. */
export class UploadRun {
  readonly signal: AbortSignal;
  private readonly lost = new AbortController();
  private readonly beats: NodeJS.Timeout;
  private beating: Promise<void> | undefined;

  constructor(
    private readonly database: TenantDatabase,
    private readonly uploads: UploadsRepository,
    private readonly upload: Upload,
    private readonly run: string,
  ) {
    this.signal = this.lost.signal;
    this.beats = setInterval(() => this.beat(), beatMs).unref();
  }

  /** Lets go of the upload, unless it has ended. What cannot be written now, time does. */
  async end(): Promise<void> {
    clearInterval(this.beats);
    await this.beating;
    const { tenantId, id } = this.upload;
    await this.database.run(tenantId, (tx) => this.uploads.release(tx, tenantId, id, this.run)).catch(() => undefined);
  }

  private beat(): void {
    const { tenantId, id } = this.upload;
    this.beating ??= this.database
      .run(tenantId, (tx) => this.uploads.beat(tx, tenantId, id, this.run))
      .then(
        (isOurs) => {
          if (!isOurs && !this.lost.signal.aborted) this.lost.abort(new AppError('conflict'));
        },
        () => undefined,
      )
      .finally(() => {
        this.beating = undefined;
      });
  }
}

import { Injectable } from '@nestjs/common';
import type { KeyFacts } from '../../../catalog/facts.js';
import type { Need } from '../../../catalog/needs.js';
import type { CreateUpload } from '../../../contracts/uploads.js';
import { Config } from '../../../config/config.module.js';
import { AppError } from '../../../kernel/app-error.js';
import { cleanFileName } from '../../../kernel/file-name.js';
import { newId } from '../../../kernel/ids.js';
import { TenantDatabase, type Transaction } from '../../../platform/database/tenant-database.js';
import type { RecordingOf } from '../../idempotency/recording.js';
import { KeyTouches } from '../../usage/key-touches.js';
import { holdKey } from '../../keys/key-hold.js';
import { FileContents } from '../intake/file-contents.js';
import { UploadLimits, type Uploader } from '../intake/upload-limits.js';
import { meets } from '../record/file-access.js';
import { FilesRepository } from '../record/files.repository.js';
import { keptSecondsOf } from '../record/tenant-file.js';
import { refuseEnded, type UploadRecord } from './upload-record.js';
import { UploadsRepository } from './uploads.repository.js';

/** What seeing an upload needs of the key. */
const seeingNeeds: readonly Need[] = [['files:read', 'files:write']];
const openSeconds = 3_600;
const mostOpen = 1_000;

/** Files that come in parts: begun, seen and given up. They belong to the tenant; every key of it with the scope goes on with them. */
@Injectable()
export class UploadsService {
  constructor(
    private readonly database: TenantDatabase,
    private readonly uploads: UploadsRepository,
    private readonly files: FilesRepository,
    private readonly limits: UploadLimits,
    private readonly contents: FileContents,
    private readonly config: Config,
    private readonly touches: KeyTouches,
  ) {}

  /**
   * Begins an upload, which takes parts for an hour. The room that it declares is asked for, not kept: each part is asked again.
   * @throws AppError invalid_value for more bytes than a file may have; rate_limit_exceeded, insufficient_quota.
   */
  async create(
    uploader: Uploader,
    { filename, purpose, bytes, mime_type: mediaType, expires_after: lasting }: CreateUpload,
    recordingOf: RecordingOf<UploadRecord>,
  ): Promise<UploadRecord> {
    const { tenantId, keyId } = uploader;
    const most = this.config.GT_MAX_FILE_BYTES;
    if (bytes > most) throw new AppError('invalid_value', { param: 'bytes', message: `A file has at most ${most} bytes here.` });
    return this.database.run(tenantId, async (tx) => {
      await holdKey(tx, tenantId, keyId);
      await this.limits.check(tx, uploader, bytes);
      if ((await this.uploads.countOpen(tx, tenantId, mostOpen)) >= mostOpen) throw tooManyOpen();
      const createdAt = new Date();
      const values = {
        tenantId,
        id: newId('upload'),
        keyId,
        filename: cleanFileName(filename),
        purpose,
        mediaType,
        bytes: BigInt(bytes),
        keptSeconds: keptSecondsOf(purpose, lasting?.seconds) ?? null,
        createdAt,
        expiresAt: new Date(createdAt.getTime() + openSeconds * 1000),
      };
      const upload = { ...(await this.uploads.insert(tx, values)), file: null };
      await recordingOf(upload)(tx);
      return upload;
    });
  }

  /** @throws AppError not_found, also for a key that neither reads nor writes files. */
  async get(key: KeyFacts, id: string): Promise<UploadRecord> {
    const { tenantId } = key;
    if (!meets(key, seeingNeeds)) throw new AppError('not_found');
    const upload = await this.database.run(tenantId, (tx) => this.recordIn(tx, tenantId, id));
    this.touches.rely(key, seeingNeeds);
    return upload;
  }

  /**
   * Gives an upload up; its parts are gone then. One that was given up before is shown as it is.
   * @throws AppError not_found; invalid_request for one that is completed or expired; conflict while it is being completed.
   */
  async cancel(tenantId: string, id: string, recordingOf: RecordingOf<UploadRecord>): Promise<UploadRecord> {
    const { upload, keys } = await this.database.run(tenantId, async (tx) => {
      const found = await this.uploads.lock(tx, tenantId, id);
      if (found === null) throw new AppError('not_found');
      let removed: string[] = [];
      if (found.state !== 'cancelled') {
        refuseEnded(found);
        removed = await this.uploads.removeParts(tx, tenantId, id);
        await this.uploads.end(tx, found, { state: 'cancelled' });
      }
      const cancelled = await this.recordIn(tx, tenantId, id);
      await recordingOf(cancelled)(tx);
      return { upload: cancelled, keys: removed };
    });
    await this.contents.remove(keys);
    return upload;
  }

  /** @throws AppError not_found. */
  async recordIn(tx: Transaction, tenantId: string, id: string): Promise<UploadRecord> {
    const upload = await this.uploads.find(tx, tenantId, id);
    if (upload === null) throw new AppError('not_found');
    const { fileId } = upload;
    return { ...upload, file: fileId === null ? null : await this.files.find(tx, tenantId, fileId) };
  }
}

function tooManyOpen(): AppError {
  return new AppError('rate_limit_exceeded', {
    message: `A tenant has at most ${mostOpen} open uploads. Complete or cancel some, or wait until they expire.`,
    headers: { 'retry-after': '60', 'retry-after-ms': '60000' },
  });
}

import { Injectable } from '@nestjs/common';
import { mostParts } from '../../../contracts/uploads.js';
import { AppError } from '../../../kernel/app-error.js';
import { newId } from '../../../kernel/ids.js';
import type { Upload, UploadPart } from '../../../platform/database/generated/client.js';
import { TenantDatabase, type Transaction } from '../../../platform/database/tenant-database.js';
import { objectKey } from '../../../platform/storage/object-key.js';
import type { RecordingOf } from '../../idempotency/recording.js';
import { holdKey } from '../../keys/key-hold.js';
import { FileContents } from '../intake/file-contents.js';
import type { ArrivedContent } from '../intake/acceptance.js';
import { StorageClaim } from '../intake/storage-claim.js';
import { UploadLimits, type Uploader } from '../intake/upload-limits.js';
import { refuseEnded } from './upload-record.js';
import { UploadsRepository } from './uploads.repository.js';

/** Takes the parts of uploads in, in any order and many at a time. They take room like files until they are one. */
@Injectable()
export class UploadParts {
  constructor(
    private readonly database: TenantDatabase,
    private readonly uploads: UploadsRepository,
    private readonly limits: UploadLimits,
    private readonly contents: FileContents,
    private readonly claim: StorageClaim,
  ) {}

  /** Refuses a part before it comes; one that is sent again may be there already. @throws AppError as `add`. */
  async refuse(tenantId: string, id: string, isRetry: boolean): Promise<void> {
    const upload = await this.database.run(tenantId, (tx) => this.uploads.find(tx, tenantId, id));
    if (upload === null) throw new AppError('not_found');
    refuseEnded(upload);
    if (!isRetry && upload.received >= upload.bytes) throw tooMuch(upload, 0n);
  }

  /**
   * Adds a part that has arrived whole. However it ends, the content's writer is done with.
   * @param isRetry the client says that it sends the same once more: the part that is there already is given back.
   * @throws AppError not_found; invalid_request for an upload that has ended; conflict while it is being completed;
   * invalid_value for a part without bytes, or for more than was declared; insufficient_quota, overloaded.
   */
  async add(
    uploader: Uploader,
    uploadId: string,
    content: Pick<ArrivedContent, 'bytes' | 'sha256' | 'writer'>,
    isRetry: boolean,
    recordingOf: RecordingOf<UploadPart>,
  ): Promise<UploadPart> {
    const { tenantId } = uploader;
    const key = await this.kept(tenantId, content);
    let isDecided = false;
    try {
      const part = await this.database.run(tenantId, async (tx) => {
        const decided = await this.decide(tx, uploader, uploadId, { ...content, key }, isRetry);
        await recordingOf(decided)(tx);
        isDecided = true;
        return decided;
      });
      if (part.storageKey !== key) await this.contents.remove([key]);
      return part;
    } catch (error) {
      // When only the commit broke off the row may be there all the same: the sweep finds out.
      if (!isDecided) await this.contents.remove([key]);
      throw error;
    }
  }

  private async kept(tenantId: string, { bytes, writer }: Pick<ArrivedContent, 'bytes' | 'writer'>): Promise<string> {
    try {
      if (bytes === 0) throw new AppError('invalid_value', { param: 'data', message: 'A part has at least one byte.' });
      const key = objectKey(await this.claim.id(), tenantId, newId('file'));
      await this.contents.keep(writer, key);
      return key;
    } catch (error) {
      await writer.abort();
      throw error;
    }
  }

  private async decide(
    tx: Transaction,
    uploader: Uploader,
    uploadId: string,
    { bytes, sha256, key }: { readonly bytes: number; readonly sha256: string; readonly key: string },
    isRetry: boolean,
  ): Promise<UploadPart> {
    const { tenantId, keyId } = uploader;
    await holdKey(tx, tenantId, keyId);
    const upload = await this.uploads.lock(tx, tenantId, uploadId);
    if (upload === null) throw new AppError('not_found');
    refuseEnded(upload);
    const known = isRetry ? await this.uploads.sameContent(tx, tenantId, uploadId, sha256) : null;
    if (known !== null) return known;
    if (upload.received + BigInt(bytes) > upload.bytes) throw tooMuch(upload, BigInt(bytes));
    if (upload.parts >= mostParts)
      throw new AppError('invalid_value', { param: 'data', message: `An upload has at most ${mostParts} parts.` });
    await this.limits.checkRoom(tx, uploader, bytes);
    const part = { tenantId, id: newId('uploadPart'), uploadId, keyId, bytes: BigInt(bytes), sha256, storageKey: key };
    return this.uploads.addPart(tx, part);
  }
}

function tooMuch({ bytes, received }: Upload, more: bigint): AppError {
  const what = more === 0n ? 'has no room for another part' : `cannot take ${more} bytes more`;
  const message = `This upload was declared with ${bytes} bytes, of which ${received} have come: it ${what}.`;
  return new AppError('invalid_value', { param: 'data', message });
}

import { Injectable } from '@nestjs/common';
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Config } from '../../../config/config.module.js';
import type { CompleteUpload } from '../../../contracts/uploads.js';
import type { FilePurpose } from '../../../contracts/files.js';
import { AppError } from '../../../kernel/app-error.js';
import { randomBase62 } from '../../../kernel/ids.js';
import type { Upload, UploadPart } from '../../../platform/database/generated/client.js';
import { TenantDatabase } from '../../../platform/database/tenant-database.js';
import { faultPoint } from '../../../platform/fault-point.js';
import { ObjectStore } from '../../../platform/storage/object-store.js';
import type { RecordingOf } from '../../idempotency/recording.js';
import { FileContents } from '../intake/file-contents.js';
import type { ArrivedContent } from '../intake/acceptance.js';
import { FileIntake } from '../intake/file-intake.js';
import { anyMediaType, refuseForPurpose, typeBytes } from '../intake/file-types.js';
import { ContentMeasure } from '../intake/measured-content.js';
import type { Uploader } from '../intake/upload-limits.js';
import { refuseEnded, type UploadRecord } from './upload-record.js';
import { UploadRun } from './upload-run.js';
import { UploadsRepository } from './uploads.repository.js';
import { UploadsService } from './uploads.service.js';

/**
 * Makes one file of an upload's parts. The parts stay until the file's row is committed, in the same transaction as the end
 * of the upload: a crash before that leaves the upload open, and the same call makes the file then.
 */
@Injectable()
export class UploadCompletion {
  constructor(
    private readonly database: TenantDatabase,
    private readonly uploads: UploadsRepository,
    private readonly service: UploadsService,
    private readonly contents: FileContents,
    private readonly intake: FileIntake,
    private readonly store: ObjectStore,
    private readonly config: Config,
  ) {}

  /**
   * Completes an upload; one that was completed of the same parts is shown as it is.
   * @throws AppError not_found, also for a part that the upload has not; invalid_request for an upload that has ended
   * otherwise; conflict while another call completes it; invalid_value for parts that are named twice, have not the declared
   * bytes together or another MD5; unsupported_media_type for a content that its purpose does not take; limits, overloaded.
   */
  async complete(
    uploader: Uploader,
    id: string,
    { part_ids: partIds, md5 }: CompleteUpload,
    recordingOf: RecordingOf<UploadRecord>,
  ): Promise<UploadRecord> {
    const { tenantId } = uploader;
    refuseTwice(partIds);
    const run = randomBase62(20);
    const claimed = await this.claim(tenantId, id, partIds, run, recordingOf);
    if ('file' in claimed) return claimed;
    this.reach('uploads.after-claim');
    const living = new UploadRun(this.database, this.uploads, claimed.upload, run);
    try {
      const content = await this.join(claimed, md5, living.signal);
      return await this.finish(uploader, claimed, run, content, recordingOf);
    } finally {
      await living.end();
    }
  }

  /** The upload with its parts in order, claimed for this run; or the record of one that was completed of them before. */
  private async claim(
    tenantId: string,
    id: string,
    partIds: readonly string[],
    run: string,
    recordingOf: RecordingOf<UploadRecord>,
  ): Promise<UploadRecord | Claimed> {
    return this.database.run(tenantId, async (tx) => {
      const upload = await this.uploads.lock(tx, tenantId, id);
      if (upload === null) throw new AppError('not_found');
      if (upload.state === 'completed' && partIds.join() === upload.partIds.join()) {
        const record = await this.service.recordIn(tx, tenantId, id);
        await recordingOf(record)(tx);
        return record;
      }
      refuseEnded(upload);
      const parts = inOrder(await this.uploads.partsOf(tx, tenantId, id), partIds);
      const bytes = parts.reduce((sum, part) => sum + part.bytes, 0n);
      if (bytes !== upload.bytes) throw otherLength(upload, bytes);
      if (!(await this.uploads.claim(tx, tenantId, id, run))) refuseEnded({ ...upload, run, beatAt: new Date() });
      return { upload, parts };
    });
  }

  /** All parts as one content, streamed: nothing of it is held. */
  private async join({ upload, parts }: Claimed, md5: string | undefined, signal: AbortSignal): Promise<ArrivedContent> {
    const writer = await this.contents.begin();
    try {
      const mediaType = await this.mediaTypeOf(upload, parts);
      const measure = new ContentMeasure();
      const digest = createHash('md5');
      const bytes = this.bytesOf(parts, (chunk) => digest.update(chunk));
      await pipeline(Readable.from(bytes), measure, writer.stream, { signal });
      if (md5 !== undefined && digest.digest('hex') !== md5.toLowerCase())
        throw new AppError('invalid_value', { param: 'md5', message: 'The parts in this order have another MD5.' });
      const { bytes: length, sha256 } = measure.measures();
      if (length !== upload.bytes) throw otherLength(upload, length);
      return { filename: upload.filename, mediaType, bytes: Number(length), sha256, writer };
    } catch (error) {
      await writer.abort();
      throw signal.aborted ? (signal.reason as Error) : error;
    }
  }

  private async *bytesOf(parts: readonly UploadPart[], see: (chunk: Buffer) => void): AsyncGenerator<Buffer, void> {
    for (const { storageKey } of parts) {
      for await (const chunk of (await this.opened(storageKey)) as AsyncIterable<Buffer>) {
        see(chunk);
        yield chunk;
      }
      this.reach('uploads.mid-join');
    }
  }

  private async mediaTypeOf({ purpose, filename }: Upload, parts: readonly UploadPart[]): Promise<string> {
    const head: Buffer[] = [];
    for (const { storageKey } of parts) {
      const content = await this.opened(storageKey, { start: 0, end: typeBytes - 1 });
      for await (const chunk of content as AsyncIterable<Buffer>) head.push(chunk);
      if (head.reduce((sum, chunk) => sum + chunk.length, 0) >= typeBytes) break;
    }
    const mediaType = await anyMediaType(Buffer.concat(head).subarray(0, typeBytes), filename);
    refuseForPurpose(purpose as FilePurpose, mediaType);
    return mediaType;
  }

  private async opened(storageKey: string, range?: { readonly start: number; readonly end: number }): Promise<Readable> {
    const content = await this.store.openRead(storageKey, range);
    if (content === undefined) throw new AppError('internal_error', { cause: new Error(`The part ${storageKey} is gone.`) });
    return content;
  }

  /** The file's row and the end of the upload are one transaction; then the parts are nobody's. */
  private async finish(
    uploader: Uploader,
    { upload, parts }: Claimed,
    run: string,
    content: ArrivedContent,
    recordingOf: RecordingOf<UploadRecord>,
  ): Promise<UploadRecord> {
    const { tenantId, id, purpose, keptSeconds } = upload;
    let record: UploadRecord | undefined;
    await this.intake.accept(
      {
        ...uploader,
        owner: async (tx) => {
          const standing = await this.uploads.lock(tx, tenantId, id);
          if (standing?.run !== run) throw lost();
          await this.uploads.removeParts(tx, tenantId, id);
          return { kind: 'file', purpose };
        },
        isRetry: false,
        keptSeconds: keptSeconds ?? undefined,
      },
      content,
      (file) => async (tx) => {
        await this.uploads.end(tx, upload, { state: 'completed', fileId: file.id, partIds: parts.map((part) => part.id) });
        record = await this.service.recordIn(tx, tenantId, id);
        await recordingOf(record)(tx);
      },
    );
    this.reach('uploads.after-row');
    await this.contents.remove(parts.map(({ storageKey }) => storageKey));
    if (record === undefined) throw new Error('An upload that is completed has its record.');
    return record;
  }

  private reach(step: string): void {
    faultPoint(this.config.GT_FAULT_POINT, step);
  }
}

interface Claimed {
  readonly upload: Upload;
  /** In the order of the file. */
  readonly parts: readonly UploadPart[];
}

function inOrder(parts: readonly UploadPart[], ids: readonly string[]): UploadPart[] {
  const byId = new Map(parts.map((part) => [part.id, part]));
  return ids.map((id, at) => {
    const part = byId.get(id);
    if (part === undefined)
      throw new AppError('not_found', { param: `part_ids[${at}]`, message: 'This upload has no such part.' });
    return part;
  });
}

function refuseTwice(ids: readonly string[]): void {
  const seen = new Set<string>();
  for (const [at, id] of ids.entries()) {
    if (seen.has(id)) throw new AppError('invalid_value', { param: `part_ids[${at}]`, message: 'Each part is named once.' });
    seen.add(id);
  }
}

function otherLength({ bytes }: Upload, found: bigint): AppError {
  const message = `The upload was declared with ${bytes} bytes; these parts have ${found} together.`;
  return new AppError('invalid_value', { param: 'part_ids', message });
}

function lost(): AppError {
  return new AppError('conflict', { message: 'This upload was taken over by another call.', headers: { 'retry-after': '2' } });
}

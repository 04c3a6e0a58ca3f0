import { Injectable } from '@nestjs/common';
import { AppError } from '../../../kernel/app-error.js';
import { Log } from '../../../observability/log.js';
import { TenantDatabase, type Transaction } from '../../../platform/database/tenant-database.js';
import { ReaderUnavailableError } from '../../../platform/document-reader/reader-error.js';
import { DocumentFailure } from '../../../platform/documents/document-failure.js';
import { JobLaterError } from '../../../platform/queue/job-run.js';
import { EmbeddingError } from '../../embeddings/embedding-error.js';
import { FileClaimsRepository } from './file-claims.repository.js';
import { FilePipeline } from './file-pipeline.js';
import { FilePlaces } from './file-places.js';
import { FileRun } from './file-run.js';
import { JudgedFiles } from '../judging/judged-files.service.js';
import { isJudged } from '../record/tenant-file.js';
import { FileBusyError, FileFailure, SupersededError } from './file-steps.js';
import { HeldFiles } from './held-files.js';
import { SlowPlaces, type SlowPlace } from './slow-places.js';

/** Less than the job's own limit, so that a file that takes too long fails with a reason. */
const timeoutMs = 50 * 60 * 1000;

/** Processes files: takes one, runs the pipeline, and sees to it that every attempt has an end in the file's row. */
@Injectable()
export class FileProcessingService {
  constructor(
    private readonly database: TenantDatabase,
    private readonly claims: FileClaimsRepository,
    private readonly pipeline: FilePipeline,
    private readonly judged: JudgedFiles,
    private readonly places: FilePlaces,
    private readonly slowPlaces: SlowPlaces,
    private readonly held: HeldFiles,
    private readonly log: Log,
  ) {}

  /**
   * Makes one attempt at a file, or at a further ingestion of one, by its id. One that is gone, ready or failed is left as it is, and so is what another attempt has
   * taken over meanwhile.
   * @throws JobLaterError while the tenant has all places that one may have; FileBusyError while a living run has the
   * file; what may pass, so that the job is tried again; the signal's reason.
   */
  async process(tenantId: string, id: string, signal: AbortSignal): Promise<void> {
    const leave = await this.places.take(tenantId);
    let place: SlowPlace | undefined;
    try {
      place = await this.slowPlaces.of(tenantId, id);
      await this.attempt(tenantId, id, place, signal);
    } finally {
      place?.leave();
      leave();
      this.held.ended(tenantId);
    }
  }

  private async attempt(tenantId: string, id: string, place: SlowPlace, signal: AbortSignal): Promise<void> {
    const claimed = await this.database.runPlain(tenantId, (tx) => this.claims.claim(tx, tenantId, id));
    const taken =
      claimed === undefined ? await this.database.run(tenantId, (tx) => this.claims.take(tx, tenantId, id)) : { claimed };
    if (taken === 'over') return;
    if (taken === 'busy') throw new FileBusyError();
    const run = new FileRun(this.database, this.claims, taken.claimed, signal, timeoutMs);
    try {
      await this.work(run, place);
    } catch (error) {
      // What a signal breaks off throws in many ways; the signal's reason is what counts.
      const reason: unknown = run.signal.aborted ? run.signal.reason : error;
      await run.stop();
      await this.end(run, reason, signal);
    } finally {
      await run.stop();
    }
  }

  /** A file of the tenant has no passages of its own: what it is attached to reads it. */
  private async work(run: FileRun, place: SlowPlace): Promise<void> {
    const { kind, purpose, ingestionId } = run.file;
    if (kind === 'file' && ingestionId === '' && isJudged(purpose)) await this.judged.run(run, purpose);
    else await this.pipeline.run(run, place);
  }

  private async end({ file }: FileRun, error: unknown, signal: AbortSignal): Promise<void> {
    if (error instanceof SupersededError) return;
    if (signal.aborted || error instanceof JobLaterError) {
      await this.write(file.tenantId, (tx) => this.claims.giveBack(tx, file));
      throw error;
    }
    const failure = failureOf(error);
    if (failure.isFinal) {
      await this.write(file.tenantId, (tx) => this.claims.fail(tx, file, failure.code, failure.message));
      return;
    }
    this.log.warn('file processing broke off', {
      tenant_id: file.tenantId,
      file_id: file.id,
      attempt: file.attempt,
      error: String(error),
      ...(error instanceof ReaderUnavailableError ? { reader: error.why } : {}),
    });
    await this.write(file.tenantId, (tx) => this.claims.release(tx, file, failure.code, failure.message));
    throw error;
  }

  /** Who lost the claim has nothing to write. A write that fails otherwise leaves the file to the sweep. */
  private async write(tenantId: string, work: (tx: Transaction) => Promise<void>): Promise<void> {
    try {
      await this.database.run(tenantId, work);
    } catch (error) {
      if (!(error instanceof SupersededError)) throw error;
    }
  }
}

interface Failure {
  readonly code: string;
  readonly message: string;
  /** Trying again would end in the same way. */
  readonly isFinal: boolean;
}

function failureOf(error: unknown): Failure {
  if (error instanceof DocumentFailure || error instanceof FileFailure)
    return { code: error.code, message: error.message, isFinal: true };
  if (error instanceof ReaderUnavailableError) return { code: error.code, message: error.message, isFinal: false };
  if (error instanceof EmbeddingError) {
    return { code: 'embedding_failed', message: `The passages could not be embedded. ${error.message}`, isFinal: !error.mayPass };
  }
  if (error instanceof AppError && error.code === 'insufficient_quota')
    return { code: 'embedding_failed', message: `The passages could not be embedded. ${error.message}`, isFinal: true };
  return {
    code: 'processing_failed',
    message: 'Processing the file failed several times. Upload it again, or ask your administrator.',
    isFinal: false,
  };
}

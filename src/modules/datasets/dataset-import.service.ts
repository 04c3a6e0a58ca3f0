import { Injectable } from '@nestjs/common';
import { createHash } from 'node:crypto';
import { pipeline } from 'node:stream/promises';
import type { Entry } from 'yauzl';
import type { Actor } from '../../catalog/admin/admin-identity.js';
import { Config } from '../../config/config.module.js';
import { AppError } from '../../kernel/app-error.js';
import { cleanFileName } from '../../kernel/file-name.js';
import { Log } from '../../observability/log.js';
import { TenantDatabase } from '../../platform/database/tenant-database.js';
import { AuditWriter } from '../audit/audit-writer.js';
import type { ArrivedContent } from '../files/intake/acceptance.js';
import { adminUploader } from '../files/dataset-files.service.js';
import { FileIntake } from '../files/intake/file-intake.js';
import { unrecorded } from '../idempotency/recording.js';
import { acceptedMediaType } from '../files/intake/file-types.js';
import { WorkCopies, type LocalCopy } from '../files/ingestion/work-copies.js';
import { ArchiveEntries, EntryRefusal, type ArchiveLimits } from './archive-entries.js';
import type { DatasetRecord } from './dataset-record.js';
import { DatasetsService } from './datasets.service.js';

/** What became of one entry: a file, or why there is none. */
export interface ImportedEntry {
  readonly name: string;
  readonly fileId: string | null;
  readonly error: { readonly code: string; readonly message: string } | null;
}

const sniffedBytes = 64 * 1024;
const archivesPerFile = 4;

/** Fills a dataset from a ZIP archive: each entry becomes a file as if it had been uploaded, or says why not. */
@Injectable()
export class DatasetImportService {
  private readonly limits: ArchiveLimits;

  constructor(
    private readonly database: TenantDatabase,
    private readonly datasets: DatasetsService,
    private readonly intake: FileIntake,
    private readonly copies: WorkCopies,
    private readonly audit: AuditWriter,
    private readonly log: Log,
    private readonly config: Config,
  ) {
    this.limits = {
      maxEntries: 10_000,
      maxEntryBytes: config.GT_MAX_FILE_BYTES,
      maxTotalBytes: config.GT_MAX_FILE_BYTES * archivesPerFile,
      maxRatio: 250,
      ratioFromBytes: 8 * 1024 * 1024,
    };
  }

  /** A place for an archive that is about to arrive. Whoever begins it aborts it in the end. */
  begin(): Promise<LocalCopy> {
    return this.copies.receive();
  }

  /** @throws AppError not_found for the dataset; invalid_value or payload_too_large for the archive as a whole. */
  async import(actor: Actor, datasetId: string, archive: LocalCopy): Promise<ImportedEntry[]> {
    const dataset = await this.datasets.get(actor, datasetId);
    const opened = await ArchiveEntries.open(archive.path, this.limits);
    const results: ImportedEntry[] = [];
    try {
      for (const entry of opened.entries) results.push(await this.importEntry(dataset, opened, entry));
    } catch (error) {
      // The files that came before are there: who brought them is told all the same.
      await this.recordImport(actor, datasetId, results, opened.entries.length).catch((cause: unknown) => {
        this.log.failure(new Error('an import that broke off could not be audited', { cause }), { dataset: datasetId });
      });
      throw error;
    } finally {
      opened.close();
    }
    await this.recordImport(actor, datasetId, results, opened.entries.length);
    return results;
  }

  /** `left` counts the entries of an import that broke off that were not looked at any more. */
  private async recordImport(actor: Actor, datasetId: string, results: readonly ImportedEntry[], entries: number): Promise<void> {
    const accepted = results.filter(({ fileId }) => fileId !== null).length;
    const left = entries - results.length;
    const changes = { accepted, refused: results.length - accepted, ...(left === 0 ? {} : { left }) };
    await this.database.run(actor.tenantId, (tx) =>
      this.audit.record(tx, actor, { action: 'import', kind: 'dataset', objectId: datasetId, changes }),
    );
  }

  private async importEntry({ tenantId, id }: DatasetRecord, archive: ArchiveEntries, entry: Entry): Promise<ImportedEntry> {
    const name = entry.fileName.slice(0, 1_000);
    try {
      const content = await this.unpack(archive, entry);
      const uploader = { tenantId, keyId: adminUploader, linkedKeyIds: [] };
      const acceptance = { ...uploader, owner: { datasetId: id }, isRetry: false };
      const file = await this.intake.accept(acceptance, content, unrecorded);
      return { name, fileId: file.id, error: null };
    } catch (error) {
      if (error instanceof EntryRefusal) return { name, fileId: null, error: { code: error.code, message: error.message } };
      if (error instanceof AppError && error.status < 500)
        return { name, fileId: null, error: { code: error.code, message: error.message } };
      throw error;
    }
  }

  private async unpack(archive: ArchiveEntries, entry: Entry): Promise<ArrivedContent> {
    const filename = cleanFileName(entry.fileName);
    const parts = archive.read(entry);
    try {
      return await this.receive(filename, parts);
    } finally {
      // An entry that is refused after its first bytes keeps no open stream.
      await parts.return(undefined);
    }
  }

  private async receive(filename: string, parts: AsyncGenerator<Buffer>): Promise<ArrivedContent> {
    const head = await readHead(parts);
    const mediaType = await acceptedMediaType(Buffer.concat(head), filename, this.config);
    const writer = await this.intake.begin();
    const hash = createHash('sha256');
    let bytes = 0;
    const measured = async function* (): AsyncGenerator<Buffer> {
      for (const source of [head, parts]) {
        for await (const part of source) {
          hash.update(part);
          bytes += part.length;
          yield part;
        }
      }
    };
    try {
      await pipeline(measured, writer.stream);
    } catch (error) {
      await writer.abort();
      throw error;
    }
    return { filename, mediaType, bytes, sha256: hash.digest('hex'), writer };
  }
}

async function readHead(parts: AsyncGenerator<Buffer>): Promise<Buffer[]> {
  const head: Buffer[] = [];
  for (let bytes = 0; bytes < sniffedBytes;) {
    const next = await parts.next();
    if (next.done === true) break;
    head.push(next.value);
    bytes += next.value.length;
  }
  return head;
}

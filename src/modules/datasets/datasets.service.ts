import { Injectable } from '@nestjs/common';
import { isDeepStrictEqual } from 'node:util';
import {
  overlapFault,
  type CreateDatasetRequest,
  type DatasetEmbedding,
  type ListDatasetsQuery,
  type UpdateDatasetRequest,
} from '../../contracts/datasets.js';
import { Config } from '../../config/config.module.js';
import type { RowPage } from '../../contracts/lists.js';
import { AppError } from '../../kernel/app-error.js';
import { newId } from '../../kernel/ids.js';
import { deleting, writing } from '../../platform/database/prisma-errors.js';
import { TenantDatabase, type Transaction } from '../../platform/database/tenant-database.js';
import { AuditWriter } from '../audit/audit-writer.js';
import { auditedFields, beforeAndAfter, type AuditedFields } from '../audit/before-and-after.js';
import { EmbeddingConnections } from '../connections/embedding-connections.js';
import { refuseWhileUsed } from '../connections/uses.js';
import { FilesService } from '../files/files.service.js';
import { ocrLanguageFiles } from '../../platform/documents/ocr-languages.js';
import type { Actor } from '../../catalog/admin/admin-identity.js';
import type { DatasetRecord } from './dataset-record.js';
import { DatasetUsesRepository } from './dataset-uses.repository.js';
import { DatasetsRepository, type DatasetValues } from './datasets.repository.js';

/** A tenant's document collections: their settings. */
@Injectable()
export class DatasetsService {
  constructor(
    private readonly database: TenantDatabase,
    private readonly repository: DatasetsRepository,
    private readonly uses: DatasetUsesRepository,
    private readonly connections: EmbeddingConnections,
    private readonly files: FilesService,
    private readonly audit: AuditWriter,
    private readonly config: Config,
  ) {}

  async list(actor: Actor, query: ListDatasetsQuery): Promise<RowPage<DatasetRecord>> {
    return this.database.run(actor.tenantId, (transaction) => this.repository.list(transaction, actor.tenantId, query));
  }

  /** @throws AppError not_found. */
  async get(actor: Actor, id: string): Promise<DatasetRecord> {
    return this.database.run(actor.tenantId, (transaction) => this.getIn(transaction, actor, id));
  }

  async getIn(transaction: Transaction, actor: Actor, id: string): Promise<DatasetRecord> {
    const found = await this.repository.find(transaction, actor.tenantId, id);
    if (found === null) throw new AppError('not_found');
    return found;
  }

  /** @throws AppError conflict for an alias that is taken, invalid_value for an unknown connection, a bad overlap or a language that is not installed. */
  async create(actor: Actor, input: CreateDatasetRequest): Promise<DatasetRecord> {
    return this.database.run(actor.tenantId, (transaction) => this.createIn(transaction, actor, input));
  }

  async createIn(transaction: Transaction, actor: Actor, input: CreateDatasetRequest): Promise<DatasetRecord> {
    const { tenant: _tenant, embedding, ...settings } = input;
    const id = newId('dataset');
    const values = checked({
      alias: settings.alias,
      name: settings.name,
      connectionId: await this.connectionId(transaction, actor, embedding),
      model: embedding.model,
      chunkTokens: settings.chunk_tokens,
      overlapTokens: settings.overlap_tokens,
      hiddenSheets: settings.hidden_sheets,
      ocrLanguages: await this.installed(settings.ocr_languages),
    });
    const dataset = await writing('dataset', () => this.repository.insert(transaction, actor.tenantId, id, values));
    await this.audit.record(transaction, actor, {
      action: 'create',
      kind: 'dataset',
      objectId: id,
      changes: { ...settings, embedding },
    });
    return dataset;
  }

  /**
   * Changes a dataset. Another model or other bounds of its passages make all its files wait for new ones.
   * @throws AppError not_found, conflict for a new alias while agents use the dataset, and as `create` does.
   */
  async update(actor: Actor, id: string, input: UpdateDatasetRequest): Promise<DatasetRecord> {
    const dataset = await this.database.run(actor.tenantId, (transaction) => this.updateIn(transaction, actor, id, input));
    await this.files.enqueueDataset(actor.tenantId, id);
    return dataset;
  }

  async updateIn(transaction: Transaction, actor: Actor, id: string, input: UpdateDatasetRequest): Promise<DatasetRecord> {
    const { tenant: _tenant, embedding, ...settings } = input;
    await this.repository.holdChanges(transaction, actor.tenantId, id);
    const before = await this.getIn(transaction, actor, id);
    if (settings.alias !== undefined && settings.alias !== before.alias) await this.refuseRename(transaction, before);
    const values = checked({
      alias: settings.alias ?? before.alias,
      name: settings.name ?? before.name,
      connectionId: embedding === undefined ? before.connectionId : await this.connectionId(transaction, actor, embedding),
      model: embedding?.model ?? before.model,
      chunkTokens: settings.chunk_tokens ?? before.chunkTokens,
      overlapTokens: settings.overlap_tokens ?? before.overlapTokens,
      hiddenSheets: settings.hidden_sheets ?? before.hiddenSheets,
      ocrLanguages: settings.ocr_languages === undefined ? before.ocrLanguages : await this.installed(settings.ocr_languages),
    });
    const generation = isMadeAnew(before, values) ? before.generation + 1 : before.generation;
    const dataset = await writing('dataset', () =>
      this.repository.update(transaction, actor.tenantId, id, { ...values, generation }),
    );
    // Their jobs are queued after the commit, here or by the sweep.
    if (generation !== before.generation) await this.files.requeueDatasetIn(transaction, actor.tenantId, id, generation);
    const changed = beforeAndAfter(audited(before), audited(dataset));
    await this.audit.record(transaction, actor, { action: 'update', kind: 'dataset', objectId: id, ...changed });
    return dataset;
  }

  /**
   * Makes all files of a dataset wait for new passages.
   * @returns how many, and the number of the new generation.
   * @throws AppError not_found.
   */
  async reembed(actor: Actor, id: string): Promise<{ readonly id: string; readonly generation: number; readonly files: number }> {
    const result = await this.database.run(actor.tenantId, async (transaction) => {
      await this.repository.holdChanges(transaction, actor.tenantId, id);
      const before = await this.getIn(transaction, actor, id);
      const generation = await this.repository.nextGeneration(transaction, actor.tenantId, id);
      const files = await this.files.requeueDatasetIn(transaction, actor.tenantId, id, generation);
      await this.audit.record(transaction, actor, {
        action: 'reembed',
        kind: 'dataset',
        objectId: id,
        changes: { generation, files },
        before: { generation: before.generation },
      });
      return { id, generation, files };
    });
    await this.files.enqueueDataset(actor.tenantId, id);
    return result;
  }

  /** Deletes a dataset with its files and their contents. @throws AppError not_found, conflict while published agents use it. */
  async delete(actor: Actor, id: string): Promise<void> {
    const contents = await this.database.run(actor.tenantId, async (transaction) => {
      await this.repository.lock(transaction, actor.tenantId, id);
      const keys = await this.files.contentsOfIn(transaction, actor.tenantId, { datasetId: id });
      await this.deleteIn(transaction, actor, id);
      return keys;
    });
    await this.files.removeContents(contents);
  }

  async deleteIn(transaction: Transaction, actor: Actor, id: string): Promise<void> {
    await this.repository.lock(transaction, actor.tenantId, id);
    const dataset = await this.getIn(transaction, actor, id);
    refuseWhileUsed('The dataset', await this.uses.ofDataset(transaction, actor.tenantId, id));
    await deleting('dataset', () => this.repository.delete(transaction, actor.tenantId, id));
    const entry = { kind: 'dataset', objectId: id, changes: { alias: dataset.alias }, before: audited(dataset) };
    await this.audit.record(transaction, actor, { action: 'delete', ...entry });
  }

  private async installed(languages: string[]): Promise<string[]> {
    const { missing } = await ocrLanguageFiles(languages, this.config.GT_TESSERACT_DATA);
    if (missing.length === 0) return languages;
    const message = `Text recognition in ${missing.join(', ')} is not installed on this platform. An operator can add it (GT_TESSERACT_DATA).`;
    throw new AppError('invalid_value', { param: 'ocr_languages', message });
  }

  private async refuseRename(transaction: Transaction, { tenantId, id, alias }: DatasetRecord): Promise<void> {
    await this.repository.lock(transaction, tenantId, id);
    refuseWhileUsed("The dataset's alias", await this.uses.ofAlias(transaction, tenantId, id, alias));
  }

  private async connectionId(transaction: Transaction, { tenantId }: Actor, embedding: DatasetEmbedding): Promise<string> {
    return (await this.connections.require(transaction, tenantId, embedding, 'embedding')).id;
  }
}

function audited(dataset: DatasetRecord): AuditedFields {
  return {
    ...auditedFields(dataset, ['alias', 'name', 'chunkTokens', 'overlapTokens', 'hiddenSheets', 'ocrLanguages']),
    embedding: { connection: dataset.connection.name, model: dataset.model },
  };
}

/** True when the passages of the dataset's files would be others. */
function isMadeAnew(before: DatasetRecord, after: DatasetValues): boolean {
  const settings = ['connectionId', 'model', 'chunkTokens', 'overlapTokens', 'hiddenSheets', 'ocrLanguages'] as const;
  return settings.some((name) => !isDeepStrictEqual(before[name], after[name]));
}

function checked(values: DatasetValues): DatasetValues {
  const fault = overlapFault({ chunk_tokens: values.chunkTokens, overlap_tokens: values.overlapTokens });
  if (fault === null) return values;
  throw new AppError('invalid_value', { param: 'overlap_tokens', message: `overlap_tokens ${fault}.` });
}

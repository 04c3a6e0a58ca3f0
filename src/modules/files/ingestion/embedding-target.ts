import { Injectable } from '@nestjs/common';
import { TenantDatabase } from '../../../platform/database/tenant-database.js';
import { EndpointDirectory } from '../../agents/endpoint-directory.js';
import type { ClaimedFile, DatasetPassages } from '../record/file-record.js';
import { SupersededError } from './file-steps.js';

/** How a file is cut and which model makes its vectors. */
export interface FileSettings {
  readonly chunkTokens: number;
  readonly overlapTokens: number;
  /** Whether hidden sheets of a workbook are read. */
  readonly hiddenSheets: boolean;
  /** In which text of scanned pages is recognized; none: it is not. */
  readonly ocrLanguages: readonly string[];
  /** Null: the passages are found by their words alone. */
  readonly embedding: { readonly connectionId: string; readonly model: string } | null;
}

const conversationBounds = { chunkTokens: 512, overlapTokens: 64, hiddenSheets: false, ocrLanguages: [] } as const;

/**
 * What a file's dataset says of its passages. A conversation has no settings of its own: its files take the embedding
 * model of the endpoint that the conversation uses, else of the tenant's default endpoint; where that serves no
 * embeddings, they are found by their words alone.
 */
@Injectable()
export class EmbeddingTargets {
  constructor(
    private readonly database: TenantDatabase,
    private readonly endpoints: EndpointDirectory,
  ) {}

  /** The target's settings, with the ingestion's own chunking. @throws SupersededError when the target is gone. */
  async of(file: ClaimedFile): Promise<FileSettings> {
    const settings = await this.ofTarget(file);
    const { chunkTokens, overlapTokens } = file;
    return {
      ...settings,
      chunkTokens: chunkTokens ?? settings.chunkTokens,
      overlapTokens: overlapTokens ?? settings.overlapTokens,
    };
  }

  private async ofTarget({ tenantId, datasetId, dataset, conversationId }: ClaimedFile): Promise<FileSettings> {
    if (datasetId !== null) return ofDataset(dataset);
    const model = conversationId === null ? null : await this.conversationModel(tenantId, conversationId);
    return { ...conversationBounds, embedding: await this.ofEndpoint(tenantId, model) };
  }

  private async conversationModel(tenantId: string, id: string): Promise<string | null> {
    const found = await this.database.run(tenantId, (tx) =>
      tx.conversation.findFirst({ where: { tenantId, id }, select: { model: true } }),
    );
    if (found === null) throw new SupersededError();
    return found.model;
  }

  private async ofEndpoint(tenantId: string, name: string | null): Promise<FileSettings['embedding']> {
    const { byName, byDefault } = await this.endpoints.of(tenantId);
    const named = name === null ? undefined : byName.get(name)?.targets.get('embed');
    const target = named ?? byDefault?.targets.get('embed');
    return target === undefined ? null : { connectionId: target.connection.id, model: target.model };
  }
}

function ofDataset(dataset: DatasetPassages | null): FileSettings {
  if (dataset === null) throw new SupersededError();
  const { connectionId, model, kind: _kind, ...settings } = dataset;
  return { ...settings, embedding: { connectionId, model } };
}

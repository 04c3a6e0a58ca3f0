import { Injectable } from '@nestjs/common';
import { datasetEmbedding } from '../../contracts/datasets.js';
import { AppError } from '../../kernel/app-error.js';
import { TenantDatabase } from '../../platform/database/tenant-database.js';
import { EndpointDirectory } from '../agents/endpoint-directory.js';

/** The model that makes a store's vectors. */
export interface EmbeddingChoice {
  readonly connectionId: string;
  readonly model: string;
}

/** Chooses what new stores embed with. */
@Injectable()
export class StoreEmbedding {
  constructor(
    private readonly database: TenantDatabase,
    private readonly endpoints: EndpointDirectory,
  ) {}

  /**
   * The tenant's setting, else the embed model of its default endpoint.
   * @throws AppError invalid_request that names the setting when there is neither, or when its connection is gone.
   */
  async choose(tenantId: string): Promise<EmbeddingChoice> {
    const tenant = await this.database.run(tenantId, (tx) =>
      tx.tenant.findUnique({ where: { id: tenantId }, select: { vectorStoreEmbedding: true } }),
    );
    const setting = datasetEmbedding.nullable().parse(tenant?.vectorStoreEmbedding ?? null);
    const { connections, byDefault } = await this.endpoints.of(tenantId);
    if (setting !== null) {
      const connection = connections.get(setting.connection);
      if (connection === undefined) throw refusal(`It names the connection '${setting.connection}', which is not there.`);
      return { connectionId: connection.id, model: setting.model };
    }
    const target = byDefault?.targets.get('embed');
    if (target === undefined) throw refusal('It is not set, and no default endpoint has an embed model.');
    return { connectionId: target.connection.id, model: target.model };
  }
}

function refusal(why: string): AppError {
  return new AppError('invalid_request', {
    message: `Vector stores cannot embed: the tenant's setting 'vector_stores.embedding' says with which model. ${why} Ask your administrator.`,
  });
}

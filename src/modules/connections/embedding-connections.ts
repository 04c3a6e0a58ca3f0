import { Injectable } from '@nestjs/common';
import type { DatasetEmbedding } from '../../contracts/datasets.js';
import { factsOfWire, hasDialect } from '../../contracts/wires.js';
import { AppError } from '../../kernel/app-error.js';
import type { Transaction } from '../../platform/database/tenant-database.js';
import type { ConnectionRecord } from './connection-record.js';
import { ConnectionsRepository } from './connections.repository.js';
import { refuseUnnamable } from './provider-places.js';

/** The connections that texts are embedded over, as settings name them. */
@Injectable()
export class EmbeddingConnections {
  constructor(private readonly connections: ConnectionsRepository) {}

  /**
   * The named connection, which stays with its name until the transaction ends.
   * @param param the setting.
   * @throws AppError invalid_value, naming the field, where the tenant has no such connection, or it cannot embed with the model.
   */
  async require(
    transaction: Transaction,
    tenantId: string,
    { connection: name, model }: DatasetEmbedding,
    param: string,
  ): Promise<ConnectionRecord> {
    const connection = await this.connections.holdByName(transaction, tenantId, name);
    const refusal = (message: string) => new AppError('invalid_value', { param: `${param}.connection`, message });
    if (connection === null) throw refusal(`The tenant has no connection "${name}".`);
    if (hasDialect(connection.wire) && !factsOfWire(connection.wire).serves.includes('embed'))
      throw refusal(`The connection "${name}" speaks ${connection.wire}, which has no embeddings.`);
    refuseUnnamable(connection, model, `${param}.model`);
    return connection;
  }
}

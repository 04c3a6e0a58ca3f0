import { Injectable } from '@nestjs/common';
import type { AgentSpec } from '../../contracts/agents.js';
import type { Modality } from '../../contracts/scopes.js';
import { AppError } from '../../kernel/app-error.js';
import type { Transaction } from '../../platform/database/tenant-database.js';
import { refuseUnnamable } from '../connections/provider-places.js';
import { AgentsRepository } from './agents.repository.js';
import { refuseUnserved } from './served-by-wire.js';

type Models = AgentSpec['models'];

/** Holds what an agent names against what its tenant has. */
@Injectable()
export class AgentReferences {
  constructor(private readonly agents: AgentsRepository) {}

  /**
   * The spec as a revision freezes it: connections and datasets by id. They stay, with their names, until the transaction ends.
   * @throws AppError invalid_value, naming the first field that names a connection or dataset that is not there.
   */
  async resolve(tx: Transaction, tenantId: string, spec: AgentSpec): Promise<AgentSpec> {
    const models = await this.resolveModels(tx, tenantId, spec.models);
    return { ...spec, models, datasets: await this.resolveDatasets(tx, tenantId, spec.datasets) };
  }

  private async resolveDatasets(tx: Transaction, tenantId: string, aliases: readonly string[]): Promise<string[]> {
    const ids = await this.agents.datasetIds(tx, tenantId, aliases);
    return aliases.map((alias, place) => {
      const id = ids.get(alias);
      if (id !== undefined) return id;
      throw new AppError('invalid_value', {
        param: `datasets[${place}]`,
        message: `The tenant has no dataset "${alias}".`,
      });
    });
  }

  private async resolveModels(tx: Transaction, tenantId: string, models: Models): Promise<Models> {
    const names = Object.values(models).map(({ connection }) => connection);
    const named = await this.agents.namedConnections(tx, tenantId, names);
    const resolved = Object.entries(models).map(([modality, reference]) => {
      const param = `models.${modality}.connection`;
      const connection = named.get(reference.connection);
      if (connection === undefined)
        throw new AppError('invalid_value', { param, message: `The tenant has no connection "${reference.connection}".` });
      refuseUnserved(connection, modality as Modality, param);
      refuseUnnamable(connection, reference.model, `models.${modality}.model`);
      return [modality, { ...reference, connection: connection.id }];
    });
    return Object.fromEntries(resolved) as Models;
  }
}

import { Injectable } from '@nestjs/common';
import { modelsOf, type AgentSpec } from '../../contracts/agent-spec.js';
import { factsOfWire } from '../../contracts/wires.js';
import { AppError } from '../../kernel/app-error.js';
import type { Transaction } from '../../platform/database/tenant-database.js';
import { refuseUnnamable } from '../connections/provider-places.js';
import { AgentsRepository } from './agents.repository.js';
import { refuseUnserved } from './served-by-wire.js';

/** Holds what an agent names against what its tenant has. */
@Injectable()
export class AgentReferences {
  constructor(private readonly agents: AgentsRepository) {}

  /**
   * The spec as a revision freezes it: connections and datasets by id. They stay, with their names, until the transaction ends.
   * @throws AppError invalid_value, naming the first field that names a connection or dataset that is not there.
   */
  async resolve(tx: Transaction, tenantId: string, spec: AgentSpec): Promise<AgentSpec> {
    const models = await this.resolveModels(tx, tenantId, spec);
    return { ...spec, ...models, datasets: await this.resolveDatasets(tx, tenantId, spec.datasets) };
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

  private async resolveModels(
    tx: Transaction,
    tenantId: string,
    { models, fallbacks, batches }: AgentSpec,
  ): Promise<Pick<AgentSpec, 'models' | 'fallbacks'>> {
    const all = modelsOf({ models, fallbacks });
    const names = all.map(({ reference }) => reference.connection);
    const named = await this.agents.namedConnections(tx, tenantId, names);
    for (const { modality, place, reference } of all) {
      const param = `${place}.connection`;
      const connection = named.get(reference.connection);
      if (connection === undefined)
        throw new AppError('invalid_value', { param, message: `The tenant has no connection "${reference.connection}".` });
      refuseUnserved(connection, modality, param);
      refuseUnnamable(connection, reference.model, `${place}.model`);
    }
    if (batches === 'provider')
      refuseWithoutBatches(modelsOf({ models }).map(({ reference }) => named.get(reference.connection)?.wire ?? ''));
    const byId = <T extends { readonly connection: string }>(reference: T): T => ({
      ...reference,
      connection: named.get(reference.connection)?.id ?? reference.connection,
    });
    return {
      models: mapped(models, byId),
      ...(fallbacks === undefined ? {} : { fallbacks: mapped(fallbacks, (further) => further.map(byId)) }),
    };
  }
}

/** @param wires of all models. @throws AppError invalid_value where none of them has batches that the platform can use. */
function refuseWithoutBatches(wires: readonly string[]): void {
  if (wires.some((wire) => factsOfWire(wire).batches !== undefined)) return;
  const spoken = [...new Set(wires)].join(', ');
  throw new AppError('invalid_value', {
    param: 'batches',
    message: `The connections of the agent's models speak ${spoken}, which has no batches that the platform can use.`,
  });
}

/** The same members with other values of the same kind. */
function mapped<T extends object>(members: T, map: (value: NonNullable<T[keyof T]>) => unknown): T {
  return Object.fromEntries(Object.entries(members).map(([name, value]) => [name, map(value as NonNullable<T[keyof T]>)])) as T;
}

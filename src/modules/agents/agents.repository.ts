import { Injectable } from '@nestjs/common';
import { agentSpec, modelsOf, type AgentSpec } from '../../contracts/agent-spec.js';
import type { ListQuery, RowPage } from '../../contracts/lists.js';
import { newId } from '../../kernel/ids.js';
import { readPage } from '../../platform/database/cursor.js';
import type { Transaction } from '../../platform/database/tenant-database.js';
import type { NamedConnection } from './served-by-wire.js';

/** An agent's draft and the number of its newest revision. */
export interface AgentRecord {
  readonly id: string;
  readonly name: string;
  readonly spec: AgentSpec;
  readonly publishedRevision: number | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export interface AgentFilter {
  readonly name?: string | undefined;
}

const include = { revisions: { select: { number: true }, orderBy: { number: 'desc' as const }, take: 1 } };

interface AgentRow {
  readonly id: string;
  readonly name: string;
  readonly spec: unknown;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly revisions: readonly { readonly number: number }[];
}

/** Drafts of agents, and what a draft may name: connections and datasets of its tenant. */
@Injectable()
export class AgentsRepository {
  async list(tx: Transaction, tenantId: string, filter: AgentFilter, query: ListQuery): Promise<RowPage<AgentRecord>> {
    const page = await readPage<AgentRow>(query, {
      find: (id) => tx.agent.findFirst({ where: { tenantId, id }, select: { id: true, createdAt: true } }),
      list: ({ where, orderBy, take }) =>
        tx.agent.findMany({
          where: { tenantId, ...(filter.name === undefined ? {} : { name: filter.name }), ...where },
          orderBy,
          take,
          include,
        }),
    });
    return { ...page, rows: page.rows.map(record) };
  }

  /** The agent of this id or, when no agent has it as its id, of this name. */
  async find(tx: Transaction, tenantId: string, idOrName: string): Promise<AgentRecord | undefined> {
    const rows = await tx.agent.findMany({ where: { tenantId, OR: [{ id: idOrName }, { name: idOrName }] }, include });
    const row = rows.find(({ id }) => id === idOrName) ?? rows[0];
    return row === undefined ? undefined : record(row);
  }

  /** Makes every other change of this agent wait until the transaction ends. */
  async lock(tx: Transaction, tenantId: string, id: string): Promise<void> {
    await tx.$queryRaw`select id from agents where tenant_id = ${tenantId} and id = ${id} for update`;
  }

  async create(tx: Transaction, tenantId: string, name: string, spec: AgentSpec): Promise<AgentRecord> {
    return record(await tx.agent.create({ data: { tenantId, id: newId('agent'), name, spec: spec as object }, include }));
  }

  async update(tx: Transaction, tenantId: string, id: string, name: string, spec: AgentSpec): Promise<AgentRecord> {
    return record(
      await tx.agent.update({ where: { tenantId_id: { tenantId, id } }, data: { name, spec: spec as object }, include }),
    );
  }

  async delete(tx: Transaction, tenantId: string, id: string): Promise<void> {
    await tx.agent.deleteMany({ where: { tenantId, id } });
  }

  /** Those of the connections that the tenant has, by name. Until the transaction ends they stay and keep their names. */
  async namedConnections(
    tx: Transaction,
    tenantId: string,
    names: readonly string[],
  ): Promise<ReadonlyMap<string, NamedConnection>> {
    if (names.length === 0) return new Map();
    const rows = await tx.$queryRaw<NamedConnection[]>`
      select id, name, base_url as "baseUrl", wire, options from connections
       where tenant_id = ${tenantId} and name = any(${[...names]}) order by id for key share`;
    return new Map(rows.map((row) => [row.name, row]));
  }

  /** Ids of those of the datasets that the tenant has, by alias. Until the transaction ends they stay and keep their aliases. */
  async datasetIds(tx: Transaction, tenantId: string, aliases: readonly string[]): Promise<ReadonlyMap<string, string>> {
    if (aliases.length === 0) return new Map();
    const rows = await tx.$queryRaw<{ id: string; alias: string }[]>`
      select id, alias from datasets
       where tenant_id = ${tenantId} and kind = 'dataset' and alias = any(${[...aliases]}) order by id for key share`;
    return new Map(rows.map(({ id, alias }) => [alias, id]));
  }

  /** True when all that a revision names by id is there. Only what a former release published can miss something. */
  async isWhole(tx: Transaction, tenantId: string, spec: AgentSpec): Promise<boolean> {
    const connections = [...new Set(modelsOf(spec).map(({ reference }) => reference.connection))];
    const datasets = [...new Set(spec.datasets)];
    const known = await tx.connection.count({ where: { tenantId, id: { in: connections } } });
    return (
      known === connections.length &&
      (await tx.dataset.count({ where: { tenantId, kind: 'dataset', id: { in: datasets } } })) === datasets.length
    );
  }
}

function record(row: AgentRow): AgentRecord {
  return {
    id: row.id,
    name: row.name,
    spec: agentSpec.parse(row.spec),
    publishedRevision: row.revisions[0]?.number ?? null,
    createdAt: row.createdAt,
    updatedAt: row.updatedAt,
  };
}

import { Injectable } from '@nestjs/common';
import { agentSpec, type AgentSpec } from '../../contracts/agent-spec.js';
import type { ListQuery, RowPage } from '../../contracts/lists.js';
import { newId } from '../../kernel/ids.js';
import { readPage } from '../../platform/database/cursor.js';
import type { Transaction } from '../../platform/database/tenant-database.js';

/** A published state of an agent. Its models name connections by id, and its datasets are ids. */
export interface RevisionRecord {
  readonly id: string;
  readonly agentId: string;
  readonly agentName: string;
  readonly number: number;
  readonly spec: AgentSpec;
  readonly createdAt: Date;
  readonly createdBy: string;
}

/** A revision that is to be stored: its `spec` names connections and datasets by id. */
export interface NewRevision extends Pick<RevisionRecord, 'agentId' | 'number' | 'spec' | 'createdBy'> {
  /** The datasets of the draft, by alias. */
  readonly aliases: string[];
}

const include = { agent: { select: { name: true } } };

interface RevisionRow {
  readonly id: string;
  readonly agentId: string;
  readonly number: number;
  readonly spec: unknown;
  readonly datasetIds: readonly string[];
  readonly createdAt: Date;
  readonly createdBy: string;
  readonly agent: { readonly name: string };
}

/** Published revisions: made, read, and never changed (a trigger stands behind that). */
@Injectable()
export class RevisionsRepository {
  async list(tx: Transaction, tenantId: string, agentId: string, query: ListQuery): Promise<RowPage<RevisionRecord>> {
    const page = await readPage<RevisionRow>(query, {
      find: (id) => tx.agentRevision.findFirst({ where: { tenantId, agentId, id }, select: { id: true, createdAt: true } }),
      list: ({ where, orderBy, take }) =>
        tx.agentRevision.findMany({ where: { tenantId, agentId, ...where }, orderBy, take, include }),
    });
    return { ...page, rows: page.rows.map(record) };
  }

  async newest(tx: Transaction, tenantId: string, agentId: string): Promise<RevisionRecord | undefined> {
    const row = await tx.agentRevision.findFirst({ where: { tenantId, agentId }, orderBy: { number: 'desc' }, include });
    return row === null ? undefined : record(row);
  }

  /**
   * Stores a revision. Its text keeps the aliases of the datasets, which a process of an older release reads; the ids beside
   * it are what counts. A trigger records what the revision uses, so that nobody can delete it.
   */
  async create(tx: Transaction, tenantId: string, given: NewRevision): Promise<RevisionRecord> {
    const { agentId, number, spec, aliases, createdBy } = given;
    const text = { ...spec, datasets: aliases };
    const data = { tenantId, id: newId('revision'), agentId, number, createdBy, spec: text, datasetIds: [...spec.datasets] };
    return record(await tx.agentRevision.create({ data, include }));
  }

  /** Moves all endpoints of the agent to this revision; answers the names of those that were on another. */
  async moveEndpoints(tx: Transaction, tenantId: string, agentId: string, revisionId: string): Promise<string[]> {
    const moved = await tx.endpoint.findMany({
      where: { tenantId, revision: { agentId }, revisionId: { not: revisionId } },
      select: { id: true, name: true },
      orderBy: { name: 'asc' },
    });
    if (moved.length > 0) {
      await tx.endpoint.updateMany({ where: { tenantId, id: { in: moved.map(({ id }) => id) } }, data: { revisionId } });
    }
    return moved.map(({ name }) => name);
  }

  /** Names of the endpoints that lead to any revision of the agent. */
  async endpointNames(tx: Transaction, tenantId: string, agentId: string): Promise<string[]> {
    const rows = await tx.endpoint.findMany({
      where: { tenantId, revision: { agentId } },
      select: { name: true },
      orderBy: { name: 'asc' },
    });
    return rows.map(({ name }) => name);
  }
}

function record(row: RevisionRow): RevisionRecord {
  return {
    id: row.id,
    agentId: row.agentId,
    agentName: row.agent.name,
    number: row.number,
    spec: { ...agentSpec.parse(row.spec), datasets: [...row.datasetIds] },
    createdAt: row.createdAt,
    createdBy: row.createdBy,
  };
}

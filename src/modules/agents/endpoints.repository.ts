import { Injectable } from '@nestjs/common';
import type { EndpointLimits } from '../../contracts/key-limits.js';
import type { ListQuery, RowPage } from '../../contracts/lists.js';
import { newId } from '../../kernel/ids.js';
import { readPage } from '../../platform/database/cursor.js';
import type { Transaction } from '../../platform/database/tenant-database.js';
import type { ConnectionRow } from './connection-target.js';
import type { NamedConnection } from './served-by-wire.js';

const include = {
  revision: { select: { id: true, number: true, spec: true, datasetIds: true, agent: { select: { id: true, name: true } } } },
  connection: { select: { name: true } },
} as const;

/** A published name with the names of what stands behind it. */
export interface EndpointRecord {
  readonly tenantId: string;
  readonly id: string;
  readonly name: string;
  readonly kind: string;
  readonly isDefault: boolean;
  readonly limits: unknown;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly revisionId: string | null;
  readonly connectionId: string | null;
  readonly model: string | null;
  readonly modalities: readonly string[];
  readonly revision: {
    readonly id: string;
    readonly number: number;
    readonly spec: unknown;
    readonly datasetIds: readonly string[];
    readonly agent: { readonly id: string; readonly name: string };
  } | null;
  readonly connection: { readonly name: string } | null;
}

/** What an endpoint leads to: an agent's revision, or a connection's model. No modalities: all of them. */
export interface EndpointSource {
  readonly revisionId: string | null;
  readonly connectionId: string | null;
  readonly model: string | null;
  readonly modalities: readonly string[];
}

export interface EndpointFilter {
  readonly name?: string | undefined;
  readonly kind?: string | undefined;
  /** Name or id of the agent behind it. */
  readonly agent?: string | undefined;
  readonly isDefault?: boolean | undefined;
}

export type NewEndpoint = EndpointSource & {
  readonly name: string;
  readonly kind: string;
  readonly isDefault: boolean;
  readonly limits?: EndpointLimits;
};

/** Published names of a tenant. */
@Injectable()
export class EndpointsRepository {
  list(tx: Transaction, tenantId: string, filter: EndpointFilter, query: ListQuery): Promise<RowPage<EndpointRecord>> {
    const conditions = {
      ...(filter.name === undefined ? {} : { name: filter.name }),
      ...(filter.kind === undefined ? {} : { kind: filter.kind }),
      ...(filter.isDefault === undefined ? {} : { isDefault: filter.isDefault }),
      ...(filter.agent === undefined ? {} : { revision: { agent: { OR: [{ id: filter.agent }, { name: filter.agent }] } } }),
    };
    return readPage<EndpointRecord>(query, {
      find: (id) => tx.endpoint.findFirst({ where: { tenantId, id }, select: { id: true, createdAt: true } }),
      list: ({ where, orderBy, take }) =>
        tx.endpoint.findMany({ where: { tenantId, ...conditions, ...where }, orderBy, take, include }),
    });
  }

  /** The endpoint of this id or, when no endpoint has it as its id, of this name. */
  async find(tx: Transaction, tenantId: string, idOrName: string): Promise<EndpointRecord | undefined> {
    const rows = await tx.endpoint.findMany({ where: { tenantId, OR: [{ id: idOrName }, { name: idOrName }] }, include });
    return rows.find(({ id }) => id === idOrName) ?? rows[0];
  }

  async findByName(tx: Transaction, tenantId: string, name: string): Promise<EndpointRecord | undefined> {
    return (await tx.endpoint.findUnique({ where: { tenantId_name: { tenantId, name } }, include })) ?? undefined;
  }

  /** Makes every other change of this endpoint wait until the transaction ends. */
  async lock(tx: Transaction, tenantId: string, id: string): Promise<void> {
    await tx.$queryRaw`select id from endpoints where tenant_id = ${tenantId} and id = ${id} for update`;
  }

  create(tx: Transaction, tenantId: string, given: NewEndpoint): Promise<EndpointRecord> {
    return tx.endpoint.create({
      data: { tenantId, id: newId('endpoint'), ...given, modalities: [...given.modalities] },
      include,
    });
  }

  update(tx: Transaction, tenantId: string, id: string, given: Partial<NewEndpoint>): Promise<EndpointRecord> {
    const { modalities, ...rest } = given;
    const data = { ...rest, ...(modalities === undefined ? {} : { modalities: [...modalities] }) };
    return tx.endpoint.update({ where: { tenantId_id: { tenantId, id } }, data, include });
  }

  async delete(tx: Transaction, tenantId: string, id: string): Promise<void> {
    await tx.endpoint.deleteMany({ where: { tenantId, id } });
  }

  /**
   * Takes the default from whoever has it. The lock lets two transactions that move it do so one after the other
   * instead of one failing at the unique index. Answers the ids of those that had it.
   */
  async clearDefault(tx: Transaction, tenantId: string): Promise<string[]> {
    await tx.$queryRaw`select id from tenants where id = ${tenantId} for no key update`;
    const rows = await tx.$queryRaw<{ id: string }[]>`
      update endpoints set is_default = false, updated_at = now() where tenant_id = ${tenantId} and is_default returning id`;
    return rows.map(({ id }) => id);
  }

  async namedConnection(tx: Transaction, tenantId: string, name: string): Promise<NamedConnection | null> {
    return tx.connection.findUnique({
      where: { tenantId_name: { tenantId, name } },
      select: { id: true, name: true, baseUrl: true, wire: true, options: true },
    });
  }

  /** The tenant's connections without their secrets: what an endpoint serves depends on them. */
  connections(tx: Transaction, tenantId: string): Promise<ConnectionRow[]> {
    return tx.connection.findMany({
      where: { tenantId },
      select: {
        id: true,
        name: true,
        baseUrl: true,
        wire: true,
        authMode: true,
        options: true,
        habits: true,
        embeddingBatchSize: true,
        embeddingBatchLearned: true,
        embeddingBatchModel: true,
        embeddingBatchRefusal: true,
        embeddingBatchLearnedAt: true,
        fineTuning: true,
        publishFineTuned: true,
      },
    });
  }

  all(tx: Transaction, tenantId: string): Promise<EndpointRecord[]> {
    return tx.endpoint.findMany({ where: { tenantId }, include });
  }
}

import { Injectable } from '@nestjs/common';
import type { RowPage } from '../../contracts/lists.js';
import type { ListTenantsQuery } from '../../contracts/tenants.js';
import { readPage } from '../../platform/database/cursor.js';
import type { Prisma } from '../../platform/database/generated/client.js';
import type { Transaction } from '../../platform/database/tenant-database.js';
import type { TenantRecord } from './tenant-record.js';

const withHosts = { hosts: { select: { host: true }, orderBy: { host: 'asc' } } } as const;

export interface TenantValues {
  readonly name?: string;
  readonly state?: string;
  readonly apiEnabled?: boolean;
  readonly routesOff?: string[];
  readonly approval?: string[];
  readonly limits?: object;
  readonly ceiling?: object;
  readonly timeZone?: string;
  readonly markupPerMille?: number;
  readonly retentionDays?: number | null;
  readonly storedDays?: number;
  readonly requestLogDays?: number | null;
  readonly requestBodyDays?: number | null;
  readonly vectorStoreEmbedding?: Prisma.NullableJsonNullValueInput | Prisma.InputJsonValue;
}

/** The rows of tenants and their hosts. What says "platform" needs a transaction of the platform. */
@Injectable()
export class TenantsRepository {
  async find(transaction: Transaction, tenantId: string): Promise<TenantRecord | null> {
    return transaction.tenant.findUnique({ where: { id: tenantId }, include: withHosts });
  }

  /** Makes every other change of the tenant itself wait until the transaction ends. */
  async lock(transaction: Transaction, tenantId: string): Promise<void> {
    await transaction.$queryRaw`select id from tenants where id = ${tenantId} for no key update`;
  }

  async update(transaction: Transaction, tenantId: string, values: TenantValues): Promise<TenantRecord> {
    return transaction.tenant.update({ where: { id: tenantId }, data: values, include: withHosts });
  }

  /** Platform: tenants of all slugs. */
  async list(transaction: Transaction, query: ListTenantsQuery): Promise<RowPage<TenantRecord>> {
    const filter = { slug: query.slug, name: query.name, state: query.state };
    return readPage(query, {
      find: (id) => transaction.tenant.findUnique({ where: { id }, select: { id: true, createdAt: true } }),
      list: (page) =>
        transaction.tenant.findMany({
          where: { ...filter, ...page.where },
          include: withHosts,
          orderBy: page.orderBy,
          take: page.take,
        }),
    });
  }

  /** Platform: a tenant without hosts. */
  async insert(
    transaction: Transaction,
    tenantId: string,
    slug: string,
    values: TenantValues & { readonly name: string },
  ): Promise<void> {
    await transaction.tenant.create({ data: { id: tenantId, slug, ...values } });
  }

  /** Platform: the tenant has these hosts and no others afterwards. */
  async replaceHosts(transaction: Transaction, tenantId: string, hosts: readonly string[]): Promise<void> {
    await transaction.tenantHost.deleteMany({ where: { tenantId, host: { notIn: [...hosts] } } });
    const kept = new Set(
      (await transaction.tenantHost.findMany({ where: { tenantId }, select: { host: true } })).map(({ host }) => host),
    );
    const added = hosts.filter((host) => !kept.has(host));
    if (added.length === 0) return;
    await transaction.tenantHost.createMany({ data: added.map((host) => ({ tenantId, id: host, host })) });
  }

  /** Platform: the tenant with all it owns. Endpoints, agents and datasets go first: each holds what comes after it. */
  async delete(transaction: Transaction, tenantId: string): Promise<void> {
    await transaction.endpoint.deleteMany({ where: { tenantId } });
    await transaction.agent.deleteMany({ where: { tenantId } });
    await transaction.dataset.deleteMany({ where: { tenantId } });
    await transaction.tenant.delete({ where: { id: tenantId } });
  }
}

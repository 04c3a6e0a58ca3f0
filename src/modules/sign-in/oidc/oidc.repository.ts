import { Injectable } from '@nestjs/common';
import type { TenantOidc } from '../../../platform/database/generated/client.js';
import type { Transaction } from '../../../platform/database/tenant-database.js';

const withTenant = { tenant: { select: { slug: true } } } as const;

export type OidcRecord = TenantOidc & { readonly tenant: { readonly slug: string } };

export type OidcValues = Pick<TenantOidc, 'issuer' | 'clientId' | 'clientSecret' | 'clientAuth' | 'scopes'>;

/** The rows of tenants' own sign-ins. */
@Injectable()
export class OidcRepository {
  async find(transaction: Transaction, tenantId: string): Promise<OidcRecord | undefined> {
    return (await transaction.tenantOidc.findUnique({ where: { tenantId }, include: withTenant })) ?? undefined;
  }

  /** Locks the row until the transaction ends. */
  async lock(transaction: Transaction, tenantId: string): Promise<void> {
    await transaction.$queryRaw`select id from tenant_oidc where tenant_id = ${tenantId} for update`;
  }

  async put(transaction: Transaction, tenantId: string, id: string, values: OidcValues): Promise<OidcRecord> {
    return transaction.tenantOidc.upsert({
      where: { tenantId },
      create: { tenantId, id, ...values },
      update: values,
      include: withTenant,
    });
  }

  async delete(transaction: Transaction, tenantId: string): Promise<void> {
    await transaction.tenantOidc.delete({ where: { tenantId } });
  }
}

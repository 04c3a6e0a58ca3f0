import { keyLimits } from '../../contracts/key-limits.js';
import { auditedFields, type AuditedFields } from '../audit/before-and-after.js';
import type { TenantRecord } from './tenant-record.js';

/** A tenant in the words of its requests. */
export function auditedTenant(tenant: TenantRecord): AuditedFields {
  return {
    ...auditedFields(tenant, ['slug', 'name', 'state', 'apiEnabled', 'routesOff', 'approval', 'timeZone']),
    ...auditedFields(tenant, ['markupPerMille', 'retentionDays', 'storedDays', 'requestLogDays']),
    limits: keyLimits.parse(tenant.limits),
    ceiling: keyLimits.parse(tenant.ceiling),
    hosts: tenant.hosts.map(({ host }) => host),
    request_bodies: tenant.requestBodyDays === null ? null : { days: tenant.requestBodyDays },
    vector_stores: { embedding: tenant.vectorStoreEmbedding },
  };
}

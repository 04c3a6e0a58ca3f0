import type { Audit } from '../../platform/database/generated/client.js';

/** One change as it was recorded, in a tenant or by operators outside of all. */
export type AuditRecord = Omit<Audit, 'tenantId'>;

import type { Audit } from '../../platform/database/generated/client.js';

/** One change as it was recorded, in a tenant or by operators, who may have made it in a tenant or outside of all. */
export type AuditRecord = Omit<Audit, 'tenantId'> & { readonly tenantId: string | null };

import type { Tenant } from '../../platform/database/generated/client.js';

/** A tenant's row with its host names. */
export interface TenantRecord extends Tenant {
  readonly hosts: readonly { readonly host: string }[];
}

import { expect, it } from '@jest/globals';
import { updateTenantRequest } from '../../contracts/tenants.js';
import { auditedTenant } from './audited-tenant.js';

it('has every field of a tenant that may change', () => {
  const bare = { limits: {}, ceiling: {}, hosts: [] } as unknown as Parameters<typeof auditedTenant>[0];
  const known = Object.keys(auditedTenant(bare));
  expect(Object.keys(updateTenantRequest.shape).filter((name) => !known.includes(name))).toEqual([]);
});

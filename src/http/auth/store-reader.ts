import type { FastifyRequest } from 'fastify';
import type { StoreReader } from '../../modules/vector-stores/store-record.js';
import { identityOf } from './identity.js';

/** Which stores a call may see, and whether files. Datasets and files are nobody's where the tenant has switched their group off. */
export function storeReaderOf(request: FastifyRequest): StoreReader {
  const { key, tenant } = identityOf(request);
  const { effectiveScopes: scopes } = key;
  return {
    tenantId: key.tenantId,
    keyId: key.id,
    datasets: tenant.groupsOff.has('datasets') ? new Set() : key.datasets,
    namesFiles: !tenant.groupsOff.has('files') && (scopes.has('files:read') || scopes.has('files:write')),
  };
}

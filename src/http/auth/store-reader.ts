import type { FastifyRequest } from 'fastify';
import { fileScopes, type StoreReader } from '../../modules/vector-stores/store-record.js';
import { identityOf } from './identity.js';

/** Which stores a call may see, and whether files. Datasets and files are nobody's where the tenant has switched their group off. */
export function storeReaderOf(request: FastifyRequest): StoreReader {
  const { key, tenant } = identityOf(request);
  const { effectiveScopes: scopes } = key;
  return {
    tenantId: key.tenantId,
    keyId: key.id,
    datasets: tenant.groupsOff.has('datasets') ? new Set() : key.datasets,
    files: tenant.groupsOff.has('files') ? 'absent' : fileScopes.some((scope) => scopes.has(scope)) ? 'named' : 'no_scope',
  };
}

import { noQuery } from '../../contracts/lists.js';
import { rotatedSecrets, sealingKeysObject } from '../../contracts/sealing-keys.js';
import type { AdminRouteRow } from './admin-route-row.js';

/** The keys that seal what is secret. */
export const sealingKeysAdminRoutes = {
  'sealing-keys.list': {
    method: 'GET',
    path: '/sealing-keys',
    role: 'operator',
    plane: 'platform',
    body: 'none',
    query: noQuery,
    response: sealingKeysObject,
    status: 200,
    summary: 'Lists the keys that seal what is secret, with what each has sealed',
  },
  'sealing-keys.rotate': {
    method: 'POST',
    path: '/sealing-keys/rotate',
    role: 'operator',
    plane: 'platform',
    body: 'none',
    query: noQuery,
    response: rotatedSecrets,
    status: 200,
    summary: 'Seals secrets anew under the first key of GT_SECRET_KEYS',
  },
} as const satisfies Record<string, AdminRouteRow>;

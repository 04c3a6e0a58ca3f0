import type { ErrorCode } from '../../kernel/error-codes.js';
import { providerErrors } from '../error-groups.js';
import type { AdminRouteRow } from '../admin/admin-route-row.js';
import { pathParametersOf } from '../path-parameters.js';
import type { RouteRow } from '../route-row.js';

/** What any call may get, whoever makes it. A wrong method gets 405, which belongs to no route. */
const anyCall: readonly ErrorCode[] = [
  'invalid_request',
  'missing_api_key',
  'invalid_api_key',
  'unsupported_media_type',
  'headers_too_large',
  'rate_limit_exceeded',
  'internal_error',
  'overloaded',
];
const anyKey: readonly ErrorCode[] = ['ip_not_allowed', 'tenant_suspended', 'unknown_url'];
const withBody: readonly ErrorCode[] = [
  'invalid_value',
  'missing_required_parameter',
  'unsupported_parameter',
  'request_timeout',
  'payload_too_large',
];
const withQuery: readonly ErrorCode[] = ['invalid_value', 'unsupported_parameter'];
const repeatable: readonly ErrorCode[] = ['invalid_value', 'idempotency_in_progress', 'idempotency_mismatch'];
const inference: readonly ErrorCode[] = [
  'model_not_found',
  'not_found',
  'unsupported_modality',
  'insufficient_scope',
  'content_policy',
  ...providerErrors,
];
/**
 * The errors that a route of the data plane answers: those of its kind, which its row tells, and those that the row names. A provider's 400, 413
 * and 422 keep their status with a code of the provider's; 426 is of the socket alone.
 */
export function tenantErrors(row: RouteRow): readonly ErrorCode[] {
  const parameters = Object.keys(pathParametersOf(row.path));
  return distinct([
    ...anyCall,
    ...anyKey,
    ...(row.scopes === 'any' ? [] : (['insufficient_scope'] as const)),
    ...(row.body === 'none' ? [] : withBody),
    ...(row.query === undefined ? [] : withQuery),
    ...(row.method === 'POST' ? repeatable : []),
    ...(row.access === 'X' ? (['approval_required', 'approval_rejected'] as const) : []),
    ...(row.modality === undefined ? [] : inference),
    ...(row.isSocket === true ? (['upgrade_required'] as const) : []),
    ...parameters.map((name) => (name === 'model' ? ('model_not_found' as const) : ('not_found' as const))),
    ...(row.errors ?? []),
  ]);
}

/** The same for a route of the admin plane. What changes something may meet another change: 409. */
export function adminErrors(row: AdminRouteRow): readonly ErrorCode[] {
  return distinct([
    ...anyCall,
    'cross_site_request',
    ...(row.role === 'anyone' ? [] : (['insufficient_role', 'tenant_suspended'] as const)),
    ...(row.plane === 'tenant' ? (['not_found', 'missing_required_parameter'] as const) : []),
    ...(row.body === 'none' ? [] : withBody),
    ...(row.query === undefined ? [] : withQuery),
    ...(row.path.includes('{') ? (['not_found'] as const) : []),
    ...(row.method === 'GET' ? [] : (['conflict'] as const)),
    ...(row.errors ?? []),
  ]);
}

function distinct(codes: readonly ErrorCode[]): readonly ErrorCode[] {
  return [...new Set(codes)];
}

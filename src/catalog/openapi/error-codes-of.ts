import type { ErrorCode } from '../../kernel/error-codes.js';
import type { AdminRouteId } from '../admin-routes.js';
import type { AdminRouteRow } from '../admin/admin-route-row.js';
import { pathParametersOf } from '../path-parameters.js';
import type { RouteId } from '../routes.js';
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
const ofProviders: readonly ErrorCode[] = ['upstream_error', 'upstream_unavailable', 'oauth_unavailable', 'upstream_timeout'];
const inference: readonly ErrorCode[] = [
  'model_not_found',
  'not_found',
  'unsupported_modality',
  'insufficient_scope',
  'content_policy',
  ...ofProviders,
];
const storing: readonly ErrorCode[] = ['insufficient_quota'];
const turns: readonly ErrorCode[] = ['conflict', 'context_length_exceeded', 'invalid_encrypted_content', 'target_not_allowed'];
const responses: readonly ErrorCode[] = [...turns, 'previous_response_not_found'];
const embedding: readonly ErrorCode[] = [...ofProviders];

/** What single routes of the data plane answer beyond their kind. */
const own: Partial<Record<RouteId, readonly ErrorCode[]>> = {
  'models.delete': ['conflict', 'target_not_allowed'],
  'chat.completions.create': turns,
  'completions.create': ['context_length_exceeded', 'conflict'],
  'embeddings.create': ['context_length_exceeded'],
  'responses.create': responses,
  'responses.compact': responses,
  'responses.input_tokens': responses,
  'responses.websocket': responses,
  'conversations.create': ['conflict', 'model_not_found', 'unsupported_modality', 'not_found'],
  'conversations.update': ['conflict', 'model_not_found', 'unsupported_modality'],
  'conversations.items.create': ['conflict'],
  'conversations.items.delete': ['conflict'],
  'conversations.delete': ['conflict'],
  'conversations.files.create': [...storing, 'not_found', 'conflict'],
  'datasets.get': ['target_not_allowed'],
  'datasets.files.list': ['target_not_allowed'],
  'datasets.files.delete': ['target_not_allowed'],
  'datasets.files.create': [...storing, 'target_not_allowed'],
  'datasets.search': [...embedding, 'target_not_allowed'],
  'files.content': ['range_not_satisfiable'],
  'files.create': storing,
  'files.reprocess': ['conflict'],
  'uploads.create': storing,
  'uploads.parts.create': [...storing, 'conflict'],
  'uploads.complete': [...storing, 'conflict'],
  'uploads.cancel': ['conflict'],
  'batches.create': ['not_found'],
  'batches.cancel': ['conflict'],
  'vector_stores.create': [...storing, 'not_found', 'insufficient_scope'],
  'vector_stores.files.create': storing,
  'vector_stores.file_batches.create': storing,
  'vector_stores.search': embedding,
  'fine_tuning.jobs.create': [...ofProviders, 'model_not_found', 'unsupported_modality', 'not_found', 'conflict'],
  'fine_tuning.jobs.cancel': [...ofProviders, 'conflict'],
  'fine_tuning.jobs.pause': [...ofProviders, 'conflict'],
  'fine_tuning.jobs.resume': [...ofProviders, 'conflict'],
};

/** The same of the admin plane. */
const adminOwn: Partial<Record<AdminRouteId, readonly ErrorCode[]>> = {
  'connections.login': ofProviders,
  'connections.login.complete': ofProviders,
  'connections.models': ofProviders,
};

/**
 * The errors that a route of the data plane answers: those of its kind, which its row tells, and its own. A provider's 400, 413
 * and 422 keep their status with a code of the provider's; 426 is of the socket alone.
 */
export function tenantErrors(id: RouteId, row: RouteRow): readonly ErrorCode[] {
  const parameters = Object.keys(pathParametersOf(row.path));
  return distinct([
    ...anyCall,
    ...anyKey,
    ...(row.scopes === 'any' ? [] : (['insufficient_scope'] as const)),
    ...(row.body === 'none' ? [] : withBody),
    ...(row.query === undefined ? [] : withQuery),
    ...(row.method === 'POST' ? repeatable : []),
    ...(row.modality === undefined ? [] : inference),
    ...(row.isSocket === true ? (['upgrade_required'] as const) : []),
    ...parameters.map((name) => (name === 'model' ? ('model_not_found' as const) : ('not_found' as const))),
    ...(own[id] ?? []),
  ]);
}

/** The same for a route of the admin plane. What changes something may meet another change: 409. */
export function adminErrors(id: AdminRouteId, row: AdminRouteRow): readonly ErrorCode[] {
  return distinct([
    ...anyCall,
    'insufficient_role',
    ...(row.plane === 'tenant' ? (['not_found', 'missing_required_parameter'] as const) : []),
    ...(row.body === 'none' ? [] : withBody),
    ...(row.query === undefined ? [] : withQuery),
    ...(row.path.includes('{') ? (['not_found'] as const) : []),
    ...(row.method === 'GET' ? [] : (['conflict'] as const)),
    ...(adminOwn[id] ?? []),
  ]);
}

function distinct(codes: readonly ErrorCode[]): readonly ErrorCode[] {
  return [...new Set(codes)];
}

import type { ZodType } from 'zod';
import { approvalObject } from '../../contracts/approvals.js';
import { adminRouteRow, type AdminRouteId } from '../admin-routes.js';
import type { AdminRouteRow } from '../admin/admin-route-row.js';
import { describedRoute, type DescribedRoute } from '../described-route.js';
import type { OpenApiSchemas } from '../openapi-schemas.js';
import { builtInPresets } from '../presets.js';
import type { RouteRow } from '../route-row.js';
import type { RouteId } from '../routes.js';
import { systemRoute, type SystemRouteId } from '../system-routes.js';
import { adminContent, frames, requestBody, tenantContent } from './bodies.js';
import { adminErrors, tenantErrors } from './error-codes-of.js';
import type { ErrorReplies } from './error-replies.js';
import { exampleOf } from './example-of.js';
import { everywhere, headers, onDataPlane, replyHeaders } from './headers.js';
import type { Json, Media } from './json.js';
import { adminParameters, tenantParameters } from './parameters.js';
import { sdkMethods, tenantExamples, type RowExample } from './row-examples.js';
import { callOf } from './sample-calls.js';
import { samples, type SampleCall } from './samples.js';
import { adminTag, systemTag } from './tags.js';

/** What the operations of one document share. */
export interface Shared {
  readonly schemas: OpenApiSchemas;
  readonly tenantErrors: ErrorReplies;
  readonly adminErrors: ErrorReplies;
}

export const tenantBase = '/api/tenant/v1';
export const adminBase = '/api/admin/v1';

/** A route of the data plane. */
export function tenantOperation(id: RouteId, shared: Shared): Json {
  const row = describedRoute(id);
  const example = tenantExamples[id] ?? {};
  const codes = tenantErrors(row);
  const schema = row.request ?? row.relayed;
  const taken = { kind: row.body, schema, upload: row.upload };
  const body = row.isSocket === true ? frames(shared.schemas, row) : requestBody(shared.schemas, taken);
  const request = withExample(shared, body, example.request ?? named(schema));
  return {
    operationId: id,
    summary: row.summary,
    description: tenantDescription(row),
    tags: [row.group],
    security: row.scopes === 'any' ? [{ tenantKey: [] }] : row.scopes.map((scope) => ({ tenantKey: [scope] })),
    'x-gt-scopes': row.scopes,
    'x-gt-verdict': row.verdict,
    'x-gt-access': row.access,
    ...(row.superset === true ? { 'x-gt-superset': true } : {}),
    'x-gt-errors': codes,
    parameters: tenantParameters(shared.schemas, id, row),
    ...request,
    responses: { ...tenantSuccess(id, row, shared, example), ...shared.tenantErrors.of(codes) },
    ...(row.isSocket === true ? {} : sampled(callOf(row, tenantBase, 'GT_API_KEY', request, sdkMethods[id]))),
  };
}

/** A route of the admin plane. */
export function adminOperation(id: AdminRouteId, shared: Shared): Json {
  const row = adminRouteRow(id);
  const codes = adminErrors(row);
  const taken = { kind: row.body, schema: row.request, upload: row.upload };
  const request = withExample(shared, requestBody(shared.schemas, taken), named(row.request));
  const content = contentWithExample(shared, adminContent(shared.schemas, row), undefined);
  return {
    operationId: `admin.${id}`,
    summary: row.summary,
    description: whoMayCall(row),
    tags: [adminTag(row.path)],
    security: row.role === 'anyone' ? [] : [{ adminToken: [row.role] }, { session: [row.role] }],
    'x-gt-role': row.role,
    'x-gt-errors': codes,
    parameters: adminParameters(shared.schemas, row),
    ...request,
    responses: {
      [String(row.status)]: adminSuccess(row, content),
      ...shared.adminErrors.of(codes),
    },
    ...sampled(callOf(row, adminBase, 'GT_ADMIN_TOKEN', request)),
  };
}

function whoMayCall({ role, plane }: AdminRouteRow): string {
  if (role === 'anyone') return 'Needs no token: what it is given decides. Pages of other sites are refused.';
  return `Needs an admin token or a session of the role \`${role}\` or above.${plane === 'tenant' ? ' Operators name the tenant.' : ''}`;
}

function adminSuccess({ status }: AdminRouteRow, content: Json): Json {
  return status === 202
    ? { description: 'Begun.', headers: headers([...everywhere, 'location']), content }
    : { description: 'Done.', headers: headers(everywhere), content };
}

const systemErrors = ['invalid_request', 'headers_too_large', 'internal_error'] as const;

/** A path that belongs to no plane. */
export function systemOperation(id: SystemRouteId, shared: Shared): Json {
  const { method = 'GET', path, summary, request, response, type, bearer } = systemRoute(id);
  const taken =
    request === undefined
      ? {}
      : withExample(shared, requestBody(shared.schemas, { kind: 'json', schema: request, upload: undefined }), named(request));
  const content =
    response === undefined
      ? { [type ?? 'text/plain']: { schema: { type: 'string', description: `${summary}.` } } }
      : contentWithExample(shared, { 'application/json': { schema: shared.schemas.of(response, 'output') } }, undefined);
  const done = { description: 'Done.', headers: headers(everywhere), content };
  return {
    operationId: `system.${id}`,
    summary,
    tags: [systemTag],
    security: bearer === undefined ? [] : [{ [bearer]: [] }],
    parameters: [],
    ...taken,
    responses: {
      '200': done,
      ...(id === 'readyz' ? { '503': { ...done, description: 'The process cannot work now, or is about to stop.' } } : {}),
      ...shared.adminErrors.of([
        ...systemErrors,
        ...(bearer === undefined && request === undefined ? [] : (['invalid_api_key', 'unknown_url'] as const)),
      ]),
    },
    ...sampled({
      method,
      path,
      key: bearer === undefined ? undefined : 'GT_METRICS_TOKEN',
      isBytes: response === undefined,
    }),
  };
}

function tenantSuccess(id: RouteId, row: DescribedRoute, shared: Shared, example: RowExample): Json {
  const own = headers(replyHeaders(id, row));
  if (row.isSocket === true) return { '101': { description: 'The connection is a WebSocket from here on.', headers: own } };
  const content = contentWithExample(shared, tenantContent(shared.schemas, row), example.response);
  const done = { '200': { description: 'Done.', headers: own, content }, ...heldReply(row, shared) };
  if (id !== 'files.content') return done;
  const part = { description: 'The range that was asked for.', headers: { ...own, ...headers(['content-range']) }, content };
  return { ...done, '206': part };
}

/** A held call, for who says that it can wait. Without `Prefer: respond-async` it is 403. */
function heldReply({ access }: RouteRow, shared: Shared): Json {
  if (access !== 'X') return {};
  const content = { 'application/json': { schema: shared.schemas.of(approvalObject, 'output') } };
  return {
    '202': {
      description: 'The call is held until somebody approves it; only with `Prefer: respond-async`.',
      headers: headers([...onDataPlane, 'location', 'preference-applied', 'retry-after']),
      content: contentWithExample(shared, content, undefined),
    },
  };
}

function tenantDescription({ scopes, verdict, superset }: RouteRow): string {
  const having = builtInPresets.filter((preset) => scopes !== 'any' && preset.scopes.some((scope) => scopes.includes(scope)));
  return [
    verdict === 'gt_extension'
      ? 'An extension of GT.'
      : `OpenAI's own contract${superset === true ? ', with further members in the answer' : ''}.`,
    scopes === 'any' ? 'Any live key may call it.' : `Needs the scope ${scopes.map((scope) => `\`${scope}\``).join(' or ')}.`,
    ...(scopes === 'any' ? [] : [`Presets that have it: ${having.map(({ slug }) => slug).join(', ') || 'none'}.`]),
  ].join(' ');
}

/** The bodies of JSON in `content` with their example: the given one, else what the schema asks for at least. */
function contentWithExample(shared: Shared, content: Json, given: unknown): Json {
  return Object.fromEntries(
    Object.entries(content).map(([type, media]) => {
      const { schema } = media as Media;
      if (type !== 'application/json' || schema === undefined) return [type, media];
      return [type, { ...(media as Media), example: given ?? exampleIn(shared, schema) }];
    }),
  );
}

function withExample(shared: Shared, body: Json, given: unknown): Json {
  const { requestBody: request } = body as { readonly requestBody?: { readonly content: Json } };
  return request === undefined
    ? body
    : { requestBody: { ...request, content: contentWithExample(shared, request.content, given) } };
}

/** The example that a schema names itself. JSON schema has it only where what is taken is not made into something else. */
function named(schema: ZodType | undefined): unknown {
  const [example] = (schema?.meta()?.['examples'] ?? []) as unknown[];
  return example;
}

function exampleIn({ schemas }: Shared, schema: Json): unknown {
  return exampleOf(schema, (reference) => (schemas.named[reference.split('/').at(-1) ?? ''] ?? {}) as Json);
}

function sampled(call: SampleCall): Json {
  return { 'x-code-samples': samples(call) };
}

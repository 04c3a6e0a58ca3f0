import type { HarborAction } from '../../contracts/harbor.js';
import { jsonSchema } from '../json-schema.js';
import { pathParametersOf } from '../path-parameters.js';
import type { DescribedRoute } from '../described-route.js';

/**
 * A row as an action of Harbor; undefined for one that is left out. Reads are automatic, everything else wants an approval.
 */
export function actionOf(row: DescribedRoute): HarborAction | undefined {
  if (!('action' in row.harbor) || row.body === 'multipart') return undefined;
  return {
    slug: row.harbor.action,
    label: row.summary,
    description: `${row.summary}. ${row.verdict === 'native' ? 'The call is that of the OpenAI API.' : 'A route of this platform.'}`,
    method: row.method,
    path: row.path,
    requestBodyMode: row.body,
    resultMode: 'json_summary',
    ...(row.replies === 'bytes' ? { resultSummary: ['status', 'type', 'bytes', 'sha256'] } : {}),
    approvalMode: row.access === 'R' ? 'automatic' : 'require_approval',
    input: inputOf(row),
  };
}

/** One object with a member for each place in which a call carries something. */
function inputOf(row: DescribedRoute): Record<string, unknown> {
  const path = pathParametersOf(row.path);
  const body = row.request ?? row.relayed;
  const query = row.query === undefined ? undefined : jsonSchema(row.query, 'input');
  const { $defs, ...described } = body === undefined ? { type: 'object' } : jsonSchema(body, 'input');
  const properties = {
    ...(Object.keys(path).length === 0 ? {} : { path: objectOf(path) }),
    ...(query === undefined || isEmpty(query) ? {} : { query }),
    ...(row.body === 'none' ? {} : { body: described }),
  };
  const { query: asked, ...needed } = properties;
  const required = [...Object.keys(needed), ...(Array.isArray(asked?.['required']) ? ['query'] : [])];
  return {
    type: 'object',
    properties,
    ...(required.length === 0 ? {} : { required }),
    additionalProperties: false,
    // References in a schema are read from its root.
    ...($defs === undefined ? {} : { $defs }),
  };
}

function objectOf(properties: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return { type: 'object', properties, required: Object.keys(properties), additionalProperties: false };
}

/** A query that takes nothing. */
function isEmpty(schema: Readonly<Record<string, unknown>>): boolean {
  return Object.keys((schema['properties'] ?? {}) as object).length === 0 && schema['additionalProperties'] === false;
}

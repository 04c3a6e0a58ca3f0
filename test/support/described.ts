import { openApiDocument } from '../../src/catalog/openapi/document.js';
import type { ErrorCode } from '../../src/kernel/error-codes.js';
import { errorTable, type ErrorRow } from '../../src/kernel/error-codes.js';
import type { RawReply } from './raw-http.js';

interface Operation {
  readonly operationId: string;
  readonly 'x-gt-errors'?: readonly ErrorCode[];
  readonly responses: object;
}

const { paths } = openApiDocument('http://127.0.0.1') as {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
};
const operations = new Map(
  Object.values(paths)
    .flatMap((path) => Object.values(path))
    .map((operation) => [operation.operationId, operation]),
);

/**
 * Holds a reply against what OpenAPI says of the route: its status, and the code of an error.
 * @throws Error for what the description does not have.
 */
export function expectDescribed(operationId: string, { status, json }: Pick<RawReply, 'status' | 'json'>): void {
  const operation = operations.get(operationId);
  if (operation === undefined) throw new Error(`OpenAPI has no operation ${operationId}.`);
  if (!(String(status) in operation.responses)) throw new Error(`OpenAPI says nothing of ${status} at ${operationId}.`);
  if (status < 400) return;
  const { code } = (json as { readonly error: { readonly code: string | null } }).error;
  const told = (operation['x-gt-errors'] ?? []).filter((name) => errorTable[name].status === status).map(codeOf);
  if (!told.includes(code)) throw new Error(`OpenAPI says nothing of ${status} ${String(code)} at ${operationId}.`);
}

function codeOf(name: ErrorCode): string | null {
  const { wireCode }: ErrorRow = errorTable[name];
  return wireCode === undefined ? name : wireCode;
}

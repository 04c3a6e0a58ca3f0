import type { ZodType } from 'zod';
import { adminRouteIds, adminRouteRow } from '../../src/catalog/admin-routes.js';
import { describedRoute } from '../../src/catalog/described-route.js';
import { OpenApiSchemas } from '../../src/catalog/openapi-schemas.js';
import { routeIds } from '../../src/catalog/routes.js';
import { faults, type Schema, type Schemas } from './schema-faults.js';

const schemas = new OpenApiSchemas();
const written = new Map<ZodType, Schema>();

/** What is wrong with an answer as the documents describe it: paths with their fault, empty when nothing is. */
export function faultsByShape(schema: ZodType, value: unknown, name: string): string[] {
  const known = written.get(schema) ?? (schemas.of(schema, 'output') as Schema);
  written.set(schema, known);
  return faults(schemas.named as Schemas, known, value, name);
}

interface Place {
  readonly method: string;
  readonly pattern: RegExp;
  readonly response: ZodType | undefined;
}

const places: Readonly<Record<'admin' | 'tenant', readonly Place[]>> = {
  admin: adminRouteIds.map(adminRouteRow).map(place),
  tenant: routeIds.map(describedRoute).map(place),
};

function place({
  method,
  path,
  response,
}: {
  readonly method: string;
  readonly path: string;
  readonly response?: ZodType;
}): Place {
  const text = path.replace(/\{model\}/, '.+').replace(/\{[a-z_]+\}/g, '[^/]+');
  return { method, pattern: new RegExp(`^${text}$`), response };
}

/** The same for the JSON that a route has answered; its path with or without a query. */
export function faultsOfAnswer(plane: 'admin' | 'tenant', method: string, path: string, value: unknown): string[] {
  const at = path.split('?')[0] ?? '';
  const found = places[plane].find((one) => one.method === method && one.pattern.test(at));
  return found?.response === undefined ? [] : faultsByShape(found.response, value, `${method} ${at}`);
}

import { hashOf, materialSchema } from '../harbor/material.js';
import { jsonSchema } from '../json-schema.js';
import { builtInPreset } from '../presets.js';
import { describedRoute } from '../described-route.js';
import type { RouteId } from '../routes.js';
import type { RunbookRow } from './runbook-row.js';

/** A run of a runbook in which all that was tried passed. */
export interface Evidence {
  readonly slug: string;
  /** The day of the run, as in 2026-11-30. */
  readonly date: string;
  /** Of what the runbook named then: see `evidenceHash`. */
  readonly sha256: string;
  readonly way: 'emulator' | 'package';
  /** The run is the tenant's; without it, the product's own. */
  readonly ofTenant?: true;
}

const hashes = new WeakMap<RunbookRow, string>();

/**
 * The hash of what a verification is evidence of: the rows of the route table that the runbook names, with their scopes and
 * schemas, its presets, and how the client calls. Wording is not material. Another hash: the evidence is of another state.
 * Tables do not change while a process runs, and a list of all runbooks asks for each hash: it is worked out once.
 */
export function evidenceHash(row: RunbookRow): string {
  const known = hashes.get(row) ?? hashOfRow(row);
  hashes.set(row, known);
  return known;
}

function hashOfRow({ slug, baseUrl, client, preset, alternatives, routes }: RunbookRow): string {
  const presets = [preset, ...alternatives.map((alternative) => alternative.preset)].filter((name) => name !== null);
  return hashOf({
    slug,
    baseUrl: { rule: baseUrl.rule, value: baseUrl.value },
    client,
    presets: presets.map((name) => [name, [...(builtInPreset(name)?.scopes ?? [])].sort()]),
    routes: routes.map(({ route, use, verdict }) => ({ use, verdict, ...routeState(route) })),
  });
}

const routeStates = new Map<RouteId, object>();

function routeState(id: RouteId): object {
  const known = routeStates.get(id) ?? stateOfRoute(id);
  routeStates.set(id, known);
  return known;
}

function stateOfRoute(id: RouteId): object {
  const { method, path, scopes, body, query, request, relayed, response } = describedRoute(id);
  const taken = [query, request, relayed].map((schema) =>
    schema === undefined ? null : materialSchema(jsonSchema(schema, 'input')),
  );
  const answered = response === undefined ? null : materialSchema(jsonSchema(response, 'output'));
  return { id, method, path, body, scopes: scopes === 'any' ? scopes : [...scopes].sort(), taken, answered };
}

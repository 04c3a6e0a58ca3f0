import { errorTable, type ErrorRow } from '../../kernel/error-codes.js';
import { adminRouteIds, adminRouteRow } from '../admin-routes.js';
import { builtInPresets } from '../presets.js';
import { routeIds, routeRow } from '../routes.js';
import { cells, generated, table } from './markdown.js';

/** `docs/routes.md`: every route of both planes and the presets. */
export function routesPage(): string {
  const tenantRows = routeIds.map((id) => {
    const row = routeRow(id);
    const scopes = row.scopes === 'any' ? 'any' : row.scopes.join(', ');
    const verdict = row.superset === true ? `${row.verdict}, superset` : row.verdict;
    return cells([`\`${id}\``, `${row.method} ${row.path}`, scopes, verdict, row.access, row.group]);
  });
  const adminRows = adminRouteIds.map((id) => {
    const row = adminRouteRow(id);
    return cells([`\`${id}\``, `${row.method} ${row.path}`, row.role, row.summary]);
  });
  const presetRows = builtInPresets.map((preset) =>
    cells([`\`${preset.slug}\``, preset.name, preset.purpose, preset.scopes.join(', ')]),
  );
  return [
    '# Routes, scopes and presets',
    '',
    generated,
    '',
    '## Data plane, below `/api/tenant/v1`',
    '',
    'Scope `any`: every live key; of several scopes one suffices. R reads, X executes or changes.',
    '',
    ...table(['id', 'route', 'scope', 'verdict', 'access', 'group'], tenantRows),
    '',
    '## Presets that every tenant has',
    '',
    ...table(['slug', 'name', 'purpose', 'scopes'], presetRows),
    '',
    '## Admin plane, below `/api/admin/v1`',
    '',
    'The role is the weakest one that may call the route: viewer, manager, owner, operator; `anyone` needs no credential.',
    '',
    ...table(['id', 'route', 'role', 'what'], adminRows),
    '',
  ].join('\n');
}

/** `docs/errors.md`: every error code with its status and type. */
export function errorsPage(): string {
  const rows = Object.entries(errorTable).map(([code, row]: [string, ErrorRow]) => {
    const wire = row.wireCode === undefined ? code : (row.wireCode ?? 'null');
    return cells([String(row.status), row.type, `\`${wire}\``, row.message]);
  });
  return ['# Errors', '', generated, '', ...table(['status', 'type', 'code', 'default sentence'], rows), ''].join('\n');
}

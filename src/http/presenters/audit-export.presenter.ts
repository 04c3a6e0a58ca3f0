import type { AuditExportFormat, AuditObject } from '../../contracts/audit.js';
import { csvLine } from '../../contracts/csv.js';
import type { AuditPages } from '../../modules/audit/audit-export.service.js';
import { presentAudit } from './audit.presenter.js';

const columns = [
  ...(['id', 'time', 'actor', 'actor_role', 'action', 'kind', 'object_id', 'request_id', 'address'] as const),
  ...(['changes', 'before', 'sealed', 'seq', 'hash'] as const),
];

/** An export as text, a page at a time. @param chain whose it is. */
export function auditExportText(format: AuditExportFormat, chain: string, pages: AuditPages): AsyncGenerator<string, void> {
  return format === 'csv' ? csvText(pages) : jsonText(chain, pages);
}

async function* csvText(pages: AuditPages): AsyncGenerator<string, void> {
  yield csvLine(columns);
  for await (const rows of pages) yield rows.map((row) => csvLine(cellsOf(presentAudit(row)))).join('');
}

/** Objects stand in a cell as JSON. */
function cellsOf(audit: AuditObject): Parameters<typeof csvLine>[0] {
  return columns.map((name) => {
    const value = audit[name];
    return typeof value === 'object' && value !== null ? JSON.stringify(value) : value;
  });
}

async function* jsonText(chain: string, pages: AuditPages): AsyncGenerator<string, void> {
  yield `{"object":"audit.export","chain":${JSON.stringify(chain)},"data":[`;
  let separator = '\n';
  for await (const rows of pages) {
    let text = '';
    for (const row of rows) {
      text += separator + JSON.stringify(presentAudit(row));
      separator = ',\n';
    }
    yield text;
  }
  yield '\n]}\n';
}

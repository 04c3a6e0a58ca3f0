import { useState } from 'react';
import { useCall } from '../../api/queries.js';
import { useFilters } from '../../app/filters.js';
import { Panel } from '../../ui/panel.js';
import { AuditFilters, type AuditSearch } from '../audit/audit-filters.js';
import { AuditTable, type Change } from '../audit/audit-table.js';
import { ChangeDialog } from '../audit/change-dialog.js';
import { ExportAudit } from '../audit/export-audit.js';
import { VerifyAudit } from '../audit/verify-audit.js';

/** What operators did, outside of all tenants and in them. */
export function OperatorAudit() {
  const { search, change, move } = useFilters<AuditSearch & { readonly tab?: string }>('/operator/platform');
  const { tab: _, ...filter } = search;
  const [open, setOpen] = useState<Change | null>(null);
  const { data, error, refetch } = useCall('operator-audit.list', { query: { ...filter, limit: 25 } }, { keep: true });
  return (
    <div className="flex flex-col gap-5">
      <VerifyAudit route="operator-audit.verify" />
      <Panel title="What operators did" flush actions={<ExportAudit route="operator-audit.export" search={filter} />}>
        <AuditFilters search={filter} onChange={change} />
        <AuditTable page={data} error={error} onRetry={() => void refetch()} search={filter} onMove={move} onOpen={setOpen} />
      </Panel>
      {open !== null && <ChangeDialog of={open} onClose={() => setOpen(null)} />}
    </div>
  );
}

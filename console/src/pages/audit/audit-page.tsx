import { History } from 'lucide-react';
import { useState } from 'react';
import { useFilters } from '../../app/filters.js';
import { Empty, Page, Panel } from '../../ui/panel.js';
import { AuditFilters, type AuditSearch } from './audit-filters.js';
import { AuditTable, type Change } from './audit-table.js';
import { ChangeDialog } from './change-dialog.js';
import { ExportAudit } from './export-audit.js';
import { VerifyAudit } from './verify-audit.js';
import { useCall } from '../../api/queries.js';
import { useMay } from '../../app/session.js';

/** Who changed what in the tenant. For owners alone. */
export function AuditPage() {
  const { search, change, move } = useFilters<AuditSearch>('/audit');
  const may = useMay();
  const [open, setOpen] = useState<Change | null>(null);
  const { data, error, refetch } = useCall(
    'audit.list',
    { query: { ...search, limit: 25 } },
    { keep: true, enabled: may('audit.list') },
  );
  return (
    <Page
      title="Audit"
      description="Who changed what. Rows are chained by their hashes, so that a change of the past shows."
      actions={may('audit.export') && <ExportAudit route="audit.export" search={search} />}
    >
      {may('audit.list') ? (
        <>
          <VerifyAudit route="audit.verify" />
          <Panel flush>
            <AuditFilters search={search} onChange={change} />
            <AuditTable page={data} error={error} onRetry={() => void refetch()} search={search} onMove={move} onOpen={setOpen} />
          </Panel>
        </>
      ) : (
        <Panel flush>
          <Empty icon={History} title="Only owners read the audit.">
            Ask an owner of the tenant what you want to know, or for another role.
          </Empty>
        </Panel>
      )}
      {open !== null && <ChangeDialog of={open} onClose={() => setOpen(null)} />}
    </Page>
  );
}

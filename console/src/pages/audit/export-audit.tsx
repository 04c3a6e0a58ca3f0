import { Download } from 'lucide-react';
import { useState } from 'react';
import { toast } from 'sonner';
import { download } from '../../api/call.js';
import { ApiFault } from '../../api/fault.js';
import { Button } from '../../ui/button.js';
import { Menu, MenuItem } from '../../ui/menu.js';
import type { AuditSearch } from './audit-filters.js';

interface Props {
  readonly route: 'audit.export' | 'operator-audit.export';
  /** An export has all rows of the same filter. */
  readonly search: AuditSearch;
}

/** Hands the changes of a filter out as a file. */
export function ExportAudit({ route, search }: Props) {
  const [isBusy, setBusy] = useState(false);
  const save = async (format: 'csv' | 'json') => {
    const { after: _, before: __, ...filter } = search;
    setBusy(true);
    try {
      const address = URL.createObjectURL(await download(route, { query: { ...filter, format } }));
      const link = document.createElement('a');
      link.href = address;
      link.download = `audit.${format}`;
      link.click();
      setTimeout(() => URL.revokeObjectURL(address), 10_000);
    } catch (error) {
      toast.error(error instanceof ApiFault ? error.message : 'The export has failed.');
    } finally {
      setBusy(false);
    }
  };
  return (
    <Menu
      label="Export"
      trigger={
        <Button icon={Download} busy={isBusy}>
          Export
        </Button>
      }
    >
      <MenuItem onSelect={() => void save('csv')}>As CSV</MenuItem>
      <MenuItem onSelect={() => void save('json')}>As JSON</MenuItem>
    </Menu>
  );
}

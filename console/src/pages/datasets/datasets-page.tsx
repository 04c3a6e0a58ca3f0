import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { Database, Plus } from 'lucide-react';
import { useState } from 'react';
import { useCall } from '../../api/queries.js';
import { useMay } from '../../app/session.js';
import { Button } from '../../ui/button.js';
import { Command } from '../../ui/copy.js';
import { Empty, Page, Panel } from '../../ui/panel.js';
import { DataTable, Pager, type Column } from '../../ui/table.js';
import { Time } from '../../ui/time.js';
import type { Dataset } from './dataset-draft.js';
import { NewDataset } from './new-dataset.js';

const columns: readonly Column<Dataset>[] = [
  {
    id: 'alias',
    header: 'Dataset',
    className: 'max-w-64',
    cell: ({ id, alias, name }) => (
      <div className="min-w-0">
        <Link to={`/datasets/${id}`} className="block truncate font-medium hover:underline">
          {alias}
        </Link>
        {name !== '' && <span className="block truncate text-xs text-muted">{name}</span>}
      </div>
    ),
  },
  {
    id: 'embedding',
    header: 'Embedding',
    className: 'max-w-64',
    cell: ({ embedding }) => (
      <div className="min-w-0">
        <span className="block truncate">{embedding.model}</span>
        <span className="block truncate text-xs text-muted">{embedding.connection}</span>
      </div>
    ),
  },
  {
    id: 'passages',
    header: 'Passages',
    wide: true,
    cell: ({ chunk_tokens, overlap_tokens }) => `${chunk_tokens} tokens, ${overlap_tokens} shared`,
  },
  { id: 'ocr', header: 'Scans', wide: true, cell: ({ ocr_languages }) => ocr_languages.join(', ') || 'not read' },
  { id: 'created', header: 'Created', wide: true, cell: ({ created_at }) => <Time at={created_at} /> },
];

/** All datasets of the tenant. */
export function DatasetsPage() {
  const search = useSearch({ strict: false }) as { readonly after?: string; readonly before?: string; readonly create?: boolean };
  const { after, before } = search;
  const navigate = useNavigate();
  const may = useMay();
  const [isMaking, setMaking] = useState(search.create === true);
  const { data, error, refetch } = useCall('datasets.list', { query: { after, before, limit: 25 } }, { keep: true });
  const make = may('datasets.create') && (
    <Button look="primary" icon={Plus} onClick={() => setMaking(true)}>
      Create a dataset
    </Button>
  );
  return (
    <Page title="Datasets" description="Documents that agents and keys search." actions={make}>
      <Panel flush>
        <DataTable<Dataset>
          label="Datasets"
          columns={columns}
          rows={data?.data}
          rowId={({ id }) => id}
          error={error}
          onRetry={() => void refetch()}
          onOpen={({ id }) => void navigate({ to: `/datasets/${id}` })}
          empty={
            <Empty icon={Database} title="There are no datasets yet." action={make}>
              On the command line:{' '}
              <Command text="gt dataset create --alias handbook --embedding '{connection: main, model: text-embedding-3-small}'" />
            </Empty>
          }
        />
        <Pager page={data} after={after} before={before} onMove={(to) => void navigate({ to: '/datasets', search: to })} />
      </Panel>
      {isMaking && <NewDataset onClose={() => setMaking(false)} onDone={({ id }) => void navigate({ to: `/datasets/${id}` })} />}
    </Page>
  );
}

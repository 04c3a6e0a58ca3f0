import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { useCallback } from 'react';
import type { Query } from '../../api/call.js';
import { useCall } from '../../api/queries.js';
import { useMay, useSession } from '../../app/session.js';
import { Copy } from '../../ui/copy.js';
import { Loading } from '../../ui/loading.js';
import { Page, Panel } from '../../ui/panel.js';
import { Tabs } from '../../ui/tabs.js';
import { Trouble } from '../../ui/trouble.js';
import { DatasetActions } from './dataset-actions.js';
import { DatasetFiles } from './dataset-files.js';
import { DatasetSearch } from './dataset-search.js';
import { DatasetSettings } from './dataset-settings.js';
import { FilePassages } from './file-passages.js';

/** What the address of the page says. */
export interface DatasetSearchParams extends Pick<Query<'files.list'>, 'state' | 'after' | 'before'> {
  readonly tab?: string | undefined;
  /** The file whose passages are open. */
  readonly file?: string | undefined;
}

/** One dataset: its files, what searches find in it, and how it is set up. */
export function DatasetPage() {
  const { id = '' } = useParams({ strict: false }) as { readonly id?: string };
  const { tab = 'files', file, ...rest } = useSearch({ strict: false }) as DatasetSearchParams;
  const navigate = useNavigate();
  const may = useMay();
  const { role } = useSession();
  const { data: dataset, error, refetch } = useCall('datasets.get', { id });
  const read = useCallback(
    (open: string | undefined) =>
      void navigate({ to: '.', search: (now: object) => ({ ...now, file: open }), replace: open === undefined }),
    [navigate],
  );
  const back = (
    <Link to="/datasets" className="hover:underline">
      ← All datasets
    </Link>
  );
  if (dataset === undefined)
    return (
      <Page title="Dataset" description={back}>
        {error === null ? (
          <Panel>
            <Loading rows={8} />
          </Panel>
        ) : (
          <Trouble error={error} onRetry={() => void refetch()} />
        )}
      </Page>
    );
  // What files say is for people of the tenant alone.
  const mayRead = may('files.passages') && role !== 'operator';
  const parts = [
    { value: 'files', label: 'Files', content: <DatasetFiles of={dataset} onRead={mayRead ? read : undefined} /> },
    ...(mayRead ? [{ value: 'search', label: 'Search', content: <DatasetSearch of={dataset} onRead={read} /> }] : []),
    { value: 'settings', label: 'Settings', content: <DatasetSettings of={dataset} /> },
  ];
  return (
    <Page
      title={dataset.name === '' ? dataset.alias : dataset.name}
      description={
        <span className="flex flex-wrap items-center gap-x-3">
          {back}
          {dataset.name !== '' && <span>{dataset.alias}</span>}
          <span className="flex items-center font-mono text-xs">
            {dataset.id}
            <Copy text={dataset.id} label="Copy the id" className="size-7" />
          </span>
        </span>
      }
      actions={<DatasetActions of={dataset} />}
    >
      <div>
        <Tabs
          label="Parts of the dataset"
          value={parts.some(({ value }) => value === tab) ? tab : 'files'}
          onChange={(to) => void navigate({ to: `/datasets/${id}`, search: to === 'files' ? rest : { tab: to }, replace: true })}
          tabs={parts}
        />
      </div>
      {file !== undefined && mayRead && <FilePassages key={file} id={file} onClose={() => read(undefined)} />}
    </Page>
  );
}

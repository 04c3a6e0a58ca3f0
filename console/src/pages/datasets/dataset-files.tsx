import { useNavigate, useSearch } from '@tanstack/react-router';
import { Files } from 'lucide-react';
import { useEffect, useMemo, useState } from 'react';
import { useCall } from '../../api/queries.js';
import { useMay } from '../../app/session.js';
import { Select } from '../../ui/field.js';
import { Command } from '../../ui/copy.js';
import { Empty, Panel } from '../../ui/panel.js';
import { DataTable, Pager } from '../../ui/table.js';
import type { Dataset } from './dataset-draft.js';
import { DropZone } from './drop-zone.js';
import { fileColumns } from './file-columns.js';
import { isGoing, type DatasetFile } from './file-stage.js';
import { UploadList } from './upload-list.js';
import { useUploads } from './uploads.js';
import type { DatasetSearchParams } from './dataset-page.js';

const states = ['stored', 'parsed', 'chunked', 'embedded', 'ready', 'failed'] as const;

/** The files of a dataset, how far each has come, and the place where more are dropped. */
export function DatasetFiles({
  of: { id, alias },
  onRead,
}: {
  readonly of: Dataset;
  readonly onRead: ((file: string) => void) | undefined;
}) {
  const { state, after, before } = useSearch({ strict: false }) as DatasetSearchParams;
  const navigate = useNavigate();
  const may = useMay();
  const uploads = useUploads(id);
  const [isBusy, setBusy] = useState(true);
  const query = { dataset: id, state, after, before, limit: 25 };
  const { data, error, refetch } = useCall('files.list', { query }, { keep: true, every: isBusy ? 1_000 : 15_000 });
  const going = uploads.length > 0 || data?.data.some(isGoing) === true;
  useEffect(() => setBusy(going), [going]);
  const columns = useMemo(() => fileColumns(onRead), [onRead]);
  const go = (search: DatasetSearchParams) => {
    const set = Object.entries(search).filter(([, value]) => value !== undefined && value !== '');
    void navigate({ to: `/datasets/${id}`, search: Object.fromEntries(set), replace: true });
  };
  return (
    <div className="flex flex-col gap-5">
      {may('datasets.upload') && <DropZone dataset={id} />}
      <UploadList dataset={id} />
      <Panel
        flush
        title="Files"
        actions={
          <Select
            aria-label="State"
            className="w-auto"
            value={state ?? ''}
            onChange={({ target }) => go({ state: target.value as DatasetSearchParams['state'] })}
          >
            <option value="">State: all</option>
            {states.map((one) => (
              <option key={one} value={one}>
                {one}
              </option>
            ))}
          </Select>
        }
      >
        <DataTable<DatasetFile>
          label="Files"
          columns={columns}
          rows={data?.data}
          rowId={(file) => file.id}
          error={error}
          onRetry={() => void refetch()}
          {...(onRead === undefined ? {} : { onOpen: (file: DatasetFile) => onRead(file.id) })}
          empty={
            state === undefined ? (
              <Empty icon={Files} title="The dataset has no files yet.">
                Drop some above, or on the command line: <Command text={`gt dataset upload ${alias} -f handbook.pdf`} />
              </Empty>
            ) : (
              <Empty icon={Files} title="No file is in this state." />
            )
          }
        />
        <Pager page={data} after={after} before={before} onMove={(to) => go({ state, ...to })} />
      </Panel>
    </div>
  );
}

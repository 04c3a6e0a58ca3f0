import { bytes } from '../../format/numbers.js';
import type { Column } from '../../ui/table.js';
import { Time } from '../../ui/time.js';
import { FileActions } from './file-actions.js';
import { FileStage, type DatasetFile } from './file-stage.js';

/** @param onRead opens the passages of a file; undefined where they may not be read. */
export function fileColumns(onRead: ((file: string) => void) | undefined): readonly Column<DatasetFile>[] {
  return [
    {
      id: 'name',
      header: 'Name',
      className: 'max-w-40 sm:max-w-80',
      cell: ({ id, filename, media_type }) => (
        <div className="min-w-0">
          {onRead === undefined ? (
            <span className="block truncate font-medium" title={filename}>
              {filename}
            </span>
          ) : (
            <button
              type="button"
              title={filename}
              className="block max-w-full truncate rounded font-medium hover:underline"
              onClick={() => onRead(id)}
            >
              {filename}
            </button>
          )}
          <span className="hidden truncate text-xs text-muted sm:block">{media_type}</span>
        </div>
      ),
    },
    { id: 'state', header: 'State', cell: (file) => <FileStage of={file} /> },
    { id: 'bytes', header: 'Size', right: true, wide: true, className: 'tabular-nums', cell: (file) => bytes(file.bytes) },
    { id: 'created', header: 'Added', wide: true, cell: ({ created_at }) => <Time at={created_at} /> },
    {
      id: 'actions',
      header: '',
      right: true,
      className: 'w-12',
      cell: (file) => <FileActions of={file} onRead={onRead === undefined ? undefined : () => onRead(file.id)} />,
    },
  ];
}

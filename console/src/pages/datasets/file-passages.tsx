import { useState } from 'react';
import { useCall } from '../../api/queries.js';
import { number } from '../../format/numbers.js';
import { Badge } from '../../ui/badge.js';
import { Dialog } from '../../ui/dialog.js';
import { Loading } from '../../ui/loading.js';
import { Empty } from '../../ui/panel.js';
import { Pager } from '../../ui/table.js';
import { Trouble } from '../../ui/trouble.js';
import { isGoing } from './file-stage.js';
import { passagePlace } from './passage-place.js';

/** The passages into which a file was cut, in its order. */
export function FilePassages({ id, onClose }: { readonly id: string; readonly onClose: () => void }) {
  const [at, move] = useState<{ readonly after?: string | undefined; readonly before?: string | undefined }>({});
  const file = useCall('files.get', { id });
  const isOpen = file.data !== undefined && isGoing(file.data);
  const { data, error, refetch } = useCall(
    'files.passages',
    { id, query: { ...at, limit: 20 } },
    { keep: true, ...(isOpen ? { every: 2_000 } : {}) },
  );
  // The pages of a file go forward: what comes later stands behind, not before.
  const isBack = at.before !== undefined;
  const fault = file.error ?? error;
  return (
    <Dialog
      open
      wide
      onOpenChange={onClose}
      title={file.data?.filename ?? 'Passages'}
      description="What searches find of the file, as it was cut."
    >
      {fault !== null ? (
        <Trouble error={fault} onRetry={() => void refetch()} />
      ) : data === undefined ? (
        <Loading rows={8} />
      ) : data.data.length === 0 ? (
        <Empty title={isOpen ? 'The file is still being processed.' : 'There are no passages of this file.'}>
          {file.data?.gt.error?.message}
        </Empty>
      ) : (
        <>
          <ol aria-label="Passages" className="flex flex-col gap-3">
            {data.data.map(({ id: place, text, tokens, source }) => (
              <li key={place} className="rounded-md border border-line p-3">
                <p className="mb-1.5 flex flex-wrap items-center gap-2 text-xs text-muted">
                  <Badge>{Number(place) + 1}</Badge>
                  <span>{passagePlace(source)}</span>
                  <span className="ml-auto tabular-nums">{number(tokens)} tokens</span>
                </p>
                <p className="text-sm break-words whitespace-pre-wrap">{text}</p>
              </li>
            ))}
          </ol>
          <Pager page={data} after={isBack ? undefined : at.after} before={at.before} onMove={move} />
        </>
      )}
    </Dialog>
  );
}

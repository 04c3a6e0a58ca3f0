import type { Item } from '../../api/call.js';
import { State } from '../../ui/badge.js';
import { ProgressBar } from './progress-bar.js';

export type DatasetFile = Item<'files.list'>;

const steps = ['parse', 'chunk', 'embed', 'store'] as const;

const words: Readonly<Record<DatasetFile['gt']['progress']['stage'], string>> = {
  queue: 'Waiting for a worker',
  parse: 'Reading the text',
  chunk: 'Cutting passages',
  embed: 'Embedding passages',
  store: 'Storing passages',
  done: 'Done',
};

/** Whether something will still happen to the file by itself. */
export const isGoing = ({ gt }: DatasetFile): boolean => gt.state !== 'ready' && gt.state !== 'failed';

/** How far a file has come: the four steps of its processing, or its end. */
export function FileStage({ of: file }: { readonly of: DatasetFile }) {
  const { progress, error } = file.gt;
  if (!isGoing(file))
    return (
      <div className="min-w-0">
        <State state={file.status} />
        {error !== null && <p className="mt-1 max-w-96 min-w-40 text-xs text-bad">{error.message}</p>}
      </div>
    );
  const at = steps.findIndex((step) => step === progress.stage);
  const text = at < 0 ? words[progress.stage] : `${words[progress.stage]}, ${progress.percent} %`;
  return (
    <div className="w-40">
      <ProgressBar
        label={`${file.filename}: ${text}`}
        parts={steps.map((_, step) => (step < at ? 1 : step === at ? progress.percent / 100 : 0))}
      />
      <p className="mt-1 text-xs text-muted tabular-nums">{text}</p>
    </div>
  );
}

import { useState } from 'react';
import type { Item } from '../../api/call.js';
import { classes } from '../../ui/classes.js';
import { Empty } from '../../ui/panel.js';
import { passagePlace } from './passage-place.js';
import { ProgressBar } from './progress-bar.js';

type Found = Item<'datasets.search'>;

/** What a search has found, the best first. The bars compare the scores of this one search. */
export function FoundPassages({
  passages,
  onRead,
}: {
  readonly passages: readonly Found[];
  readonly onRead: (file: string) => void;
}) {
  const best = Math.max(...passages.map(({ score }) => score), Number.MIN_VALUE);
  if (passages.length === 0)
    return <Empty title="Nothing was found.">Try other words, or look whether the files are ready.</Empty>;
  return (
    <ol aria-label="Found passages" className="divide-y divide-line">
      {passages.map(({ file_id, filename, text, score, source }, at) => (
        <li key={at} className="flex flex-col gap-2 px-4 py-3 md:flex-row md:gap-5">
          <div className="flex w-full shrink-0 flex-col gap-1 text-sm md:w-52">
            <span className="flex items-baseline gap-2">
              <span className="text-xs text-muted">{at + 1}.</span>
              <span className="font-medium tabular-nums">{score.toFixed(4)}</span>
            </span>
            <ProgressBar label={`Score of passage ${at + 1} beside the best`} parts={[score / best]} />
            <button
              type="button"
              className="truncate rounded text-left text-accent-text hover:underline"
              title={filename}
              onClick={() => onRead(file_id)}
            >
              {filename}
            </button>
            <span className="text-xs text-muted">{passagePlace(source)}</span>
          </div>
          <FoundText text={text} />
        </li>
      ))}
    </ol>
  );
}

/** A passage, of which a long one shows its beginning first. */
function FoundText({ text }: { readonly text: string }) {
  const isLong = text.length > 600 || text.split('\n').length > 9;
  const [isWhole, setWhole] = useState(!isLong);
  return (
    <div className="min-w-0 flex-1 text-sm">
      <p className={classes('break-words whitespace-pre-wrap', !isWhole && 'line-clamp-[8]')}>{text}</p>
      {isLong && (
        <button
          type="button"
          aria-expanded={isWhole}
          className="mt-1 rounded text-accent-text hover:underline"
          onClick={() => setWhole(!isWhole)}
        >
          {isWhole ? 'Show less' : 'Show all of it'}
        </button>
      )}
    </div>
  );
}

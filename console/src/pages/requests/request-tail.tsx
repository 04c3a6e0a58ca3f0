import { Pause, Play } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { listen, type Query } from '../../api/call.js';
import { number } from '../../format/numbers.js';
import { Button } from '../../ui/button.js';
import { DataTable } from '../../ui/table.js';
import { Trouble } from '../../ui/trouble.js';
import { columnsWithKey, type Call } from './request-columns.js';

/** So many calls stay on the page. */
const most = 200;

interface Tail {
  readonly rows: readonly Call[];
  /** Calls that were logged and are not told one by one. */
  readonly skipped: number;
}

/** Calls as they are logged. What comes within a frame is drawn at once, and while it is paused nothing is. */
export function RequestTail({ filter }: { readonly filter: Readonly<Record<string, string>> }) {
  const [tail, setTail] = useState<Tail>({ rows: [], skipped: 0 });
  const [isPaused, setPaused] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const [attempt, setAttempt] = useState(0);
  const paused = useRef(isPaused);
  paused.current = isPaused;
  const query = JSON.stringify(filter);
  useEffect(() => {
    const leaving = new AbortController();
    let fresh: Call[] = [];
    let skipped = 0;
    let frame = 0;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const draw = () => {
      frame = 0;
      const [came, left] = [fresh, skipped];
      fresh = [];
      skipped = 0;
      setTail((before) => ({ rows: [...came.reverse(), ...before.rows].slice(0, most), skipped: before.skipped + left }));
    };
    const hear = (_event: string, data: unknown) => {
      const told = data as Call | { readonly object: 'requests_skipped'; readonly count: number };
      if (told.object === 'requests_skipped') skipped += told.count;
      else if (paused.current) skipped += 1;
      else fresh = [...fresh.slice(1 - most), told];
      if (frame === 0) frame = requestAnimationFrame(draw);
    };
    listen('requests.tail', { query: JSON.parse(query) as Query<'requests.tail'>, signal: leaving.signal }, hear).then(
      // The platform ends a tail that is long, or when it stops.
      () => {
        if (!leaving.signal.aborted) timer = setTimeout(() => setAttempt((n) => n + 1), 1_000);
      },
      (fault: unknown) => !leaving.signal.aborted && setError(fault),
    );
    return () => {
      leaving.abort();
      clearTimeout(timer);
      cancelAnimationFrame(frame);
    };
  }, [query, attempt]);
  const again = () => {
    setError(null);
    setAttempt((n) => n + 1);
  };
  return (
    <>
      <div className="flex min-h-12 flex-wrap items-center gap-3 border-b border-line px-4 py-2 text-sm">
        <span className="flex-1 text-muted" role="status">
          {isPaused ? 'Paused.' : 'Waiting for calls, the newest first.'}
          {tail.skipped > 0 && ` ${number(tail.skipped)} calls are not shown one by one; the list has them.`}
        </span>
        <Button icon={isPaused ? Play : Pause} onClick={() => setPaused(!isPaused)}>
          {isPaused ? 'Go on' : 'Pause'}
        </Button>
      </div>
      {error !== null && (
        <div className="p-4">
          <Trouble error={error} onRetry={again} />
        </div>
      )}
      <DataTable label="Live requests" columns={columnsWithKey} rows={tail.rows} rowId={({ id }) => id} />
    </>
  );
}

import { useEffect, useState } from 'react';
import { ago, exactTime } from '../format/times.js';

/** A time in Unix seconds: how long ago it is, and exactly when on pointing at it. */
export function Time({ at, none = 'never' }: { readonly at: number | null; readonly none?: string }) {
  const [, tick] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => tick((n) => n + 1), 30_000);
    return () => clearInterval(timer);
  }, []);
  if (at === null) return <span className="text-muted">{none}</span>;
  return (
    <time dateTime={new Date(at * 1000).toISOString()} title={exactTime(at)} className="whitespace-nowrap">
      {ago(at)}
    </time>
  );
}

import { classes } from '../../ui/classes.js';

interface BarProps {
  /** What goes on, for those who do not see it. */
  readonly label: string;
  /** From 0 to 1 each, in their order. */
  readonly parts: readonly number[];
  readonly className?: string;
}

/** How far something has come, in one part or several. */
export function ProgressBar({ label, parts, className }: BarProps) {
  const percent = Math.round((parts.reduce((sum, one) => sum + one, 0) / parts.length) * 100);
  return (
    <div
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={percent}
      className={classes('flex w-full gap-0.5', className)}
    >
      {parts.map((part, at) => (
        <div key={at} className="h-1.5 flex-1 overflow-hidden rounded-full bg-line">
          <div className="h-full rounded-full bg-accent" style={{ width: `${Math.min(1, part) * 100}%` }} />
        </div>
      ))}
    </div>
  );
}

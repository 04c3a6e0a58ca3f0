import { useId, type InputHTMLAttributes, type ReactNode, type SelectHTMLAttributes, type TextareaHTMLAttributes } from 'react';
import { classes } from './classes.js';

const box =
  'w-full rounded-md border border-line-strong bg-surface px-3 text-sm text-ink disabled:opacity-60 aria-invalid:border-bad focus-visible:outline-offset-0';

interface FieldProps {
  readonly label: string;
  readonly hint?: ReactNode;
  /** What is wrong with it. */
  readonly fault?: string | undefined;
  readonly className?: string;
  readonly children: (own: {
    readonly id: string;
    readonly 'aria-invalid': boolean;
    readonly 'aria-describedby': string | undefined;
  }) => ReactNode;
}

/** A field with its name above, and below what is worth knowing about it or what is wrong with it. */
export function Field({ label, hint, fault, className, children }: FieldProps) {
  const id = useId();
  const below = `${id}-below`;
  const hasMore = fault !== undefined || hint !== undefined;
  return (
    <div className={classes('flex flex-col gap-1', className)}>
      <label htmlFor={id} className="text-sm font-medium">
        {label}
      </label>
      {children({ id, 'aria-invalid': fault !== undefined, 'aria-describedby': hasMore ? below : undefined })}
      {hasMore && (
        <p id={below} className={classes('text-xs', fault === undefined ? 'text-muted' : 'text-bad')}>
          {fault ?? hint}
        </p>
      )}
    </div>
  );
}

export const Input = ({ className, ...rest }: InputHTMLAttributes<HTMLInputElement>) => (
  <input className={classes(box, 'h-9', className)} {...rest} />
);

export const TextArea = ({ className, ...rest }: TextareaHTMLAttributes<HTMLTextAreaElement>) => (
  <textarea className={classes(box, 'min-h-20 py-2', className)} {...rest} />
);

export const Select = ({ className, children, ...rest }: SelectHTMLAttributes<HTMLSelectElement>) => (
  <select className={classes(box, 'h-9 pr-2', className)} {...rest}>
    {children}
  </select>
);

interface CheckProps extends Omit<InputHTMLAttributes<HTMLInputElement>, 'type'> {
  readonly label: ReactNode;
  readonly hint?: string;
}

export function Check({ label, hint, className, ...rest }: CheckProps) {
  return (
    <label className={classes('flex min-h-6 cursor-pointer items-start gap-2 text-sm', className)}>
      <input type="checkbox" className="mt-0.5 size-4 shrink-0 accent-accent" {...rest} />
      <span>
        {label}
        {hint !== undefined && <span className="block text-xs text-muted">{hint}</span>}
      </span>
    </label>
  );
}

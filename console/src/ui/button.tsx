import { LoaderCircle, type LucideIcon } from 'lucide-react';
import { Tooltip } from 'radix-ui';
import type { ButtonHTMLAttributes, ReactNode } from 'react';
import { classes } from './classes.js';

const looks = {
  primary: 'bg-accent text-accent-ink hover:brightness-110 border-transparent',
  plain: 'bg-surface text-ink border-line-strong hover:bg-sunken',
  quiet: 'bg-transparent text-ink border-transparent hover:bg-sunken',
  danger: 'bg-surface text-bad border-line-strong hover:bg-bad-soft',
  alarm: 'bg-bad text-surface border-transparent hover:opacity-90',
} as const;

/** How a button looks: what a link that looks like one uses too. */
export const buttonClasses = (look: keyof typeof looks = 'plain', more?: string): string =>
  classes(
    'inline-flex h-9 shrink-0 items-center justify-center gap-2 rounded-md border px-3 text-sm font-medium whitespace-nowrap select-none disabled:opacity-50',
    looks[look],
    more,
  );

interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  readonly look?: keyof typeof looks;
  readonly icon?: LucideIcon;
  /** What it does is going on. */
  readonly busy?: boolean;
}

export function Button({
  look = 'plain',
  icon: Icon,
  busy = false,
  className,
  children,
  disabled,
  type = 'button',
  ...rest
}: ButtonProps) {
  return (
    <button
      type={type}
      className={buttonClasses(look, className)}
      disabled={disabled === true || busy}
      aria-busy={busy}
      {...rest}
    >
      {busy ? (
        <LoaderCircle className="size-4 animate-spin" aria-hidden />
      ) : Icon === undefined ? null : (
        <Icon className="size-4" aria-hidden />
      )}
      {children}
    </button>
  );
}

interface IconButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  readonly icon: LucideIcon;
  /** What it does: its name for everybody, shown when it is pointed at. */
  readonly label: string;
}

export function IconButton({ icon: Icon, label, className, type = 'button', ...rest }: IconButtonProps) {
  return (
    <Hint text={label}>
      <button
        type={type}
        aria-label={label}
        className={classes(
          'inline-flex size-9 shrink-0 items-center justify-center rounded-md text-muted hover:bg-sunken hover:text-ink disabled:opacity-50',
          className,
        )}
        {...rest}
      >
        <Icon className="size-4" aria-hidden />
      </button>
    </Hint>
  );
}

/** Says more of what it stands around, when it is pointed at or has the focus. */
export function Hint({ text, children }: { readonly text: string; readonly children: ReactNode }) {
  return (
    <Tooltip.Root>
      <Tooltip.Trigger asChild>{children}</Tooltip.Trigger>
      <Tooltip.Portal>
        <Tooltip.Content
          sideOffset={6}
          collisionPadding={8}
          className="z-50 max-w-72 rounded-md bg-ink px-2 py-1 text-xs text-canvas shadow-lg"
        >
          {text}
        </Tooltip.Content>
      </Tooltip.Portal>
    </Tooltip.Root>
  );
}

import { X } from 'lucide-react';
import { Dialog as Radix } from 'radix-ui';
import { useState, type ReactNode } from 'react';
import { Button } from './button.js';
import { classes } from './classes.js';
import { Field, Input } from './field.js';

interface DialogProps {
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
  readonly title: string;
  readonly description?: ReactNode;
  readonly children?: ReactNode;
  /** Buttons at its end. */
  readonly actions?: ReactNode;
  readonly wide?: boolean;
  /** Neither Escape nor a click beside it closes it. */
  readonly guarded?: boolean;
}

export function Dialog({
  open,
  onOpenChange,
  title,
  description,
  children,
  actions,
  wide = false,
  guarded = false,
}: DialogProps) {
  const hold = (event: Event) => {
    if (guarded) event.preventDefault();
  };
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Portal>
        <Radix.Overlay className="fixed inset-0 z-40 bg-black/50" />
        <Radix.Content
          onEscapeKeyDown={hold}
          onPointerDownOutside={hold}
          onInteractOutside={hold}
          {...(description === undefined ? { 'aria-describedby': undefined } : {})}
          className={classes(
            'fixed top-1/2 left-1/2 z-40 flex max-h-[min(90dvh,56rem)] w-[calc(100vw-2rem)] -translate-x-1/2 -translate-y-1/2 flex-col rounded-lg border border-line bg-surface shadow-xl',
            wide ? 'max-w-3xl' : 'max-w-lg',
          )}
        >
          <header className="flex items-start gap-3 border-b border-line px-5 py-4">
            <div className="min-w-0 flex-1">
              <Radix.Title className="text-base font-semibold">{title}</Radix.Title>
              {description !== undefined && (
                <Radix.Description className="mt-0.5 text-sm text-muted">{description}</Radix.Description>
              )}
            </div>
            {!guarded && (
              <Radix.Close
                aria-label="Close"
                className="-mt-1 -mr-2 inline-flex size-9 shrink-0 items-center justify-center rounded-md text-muted hover:bg-sunken hover:text-ink"
              >
                <X className="size-4" aria-hidden />
              </Radix.Close>
            )}
          </header>
          {children !== undefined && <div className="min-h-0 flex-1 overflow-y-auto px-5 py-4">{children}</div>}
          {actions !== undefined && (
            <footer className="flex flex-wrap justify-end gap-2 border-t border-line px-5 py-3">{actions}</footer>
          )}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

interface ConfirmProps {
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
  readonly title: string;
  /** What will be, and what will not be any more. */
  readonly description: ReactNode;
  /** The verb of the button. */
  readonly action: string;
  readonly busy?: boolean;
  /** Has to be typed first: for what cannot be undone. */
  readonly typed?: string;
  readonly onConfirm: () => void;
  readonly children?: ReactNode;
}

/** Asks before something that is hard to undo. */
export function Confirm({
  open,
  onOpenChange,
  title,
  description,
  action,
  busy = false,
  typed,
  onConfirm,
  children,
}: ConfirmProps) {
  const [text, setText] = useState('');
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title={title}
      description={description}
      actions={
        <>
          <Button onClick={() => onOpenChange(false)}>Cancel</Button>
          <Button look="alarm" busy={busy} disabled={typed !== undefined && text !== typed} onClick={onConfirm}>
            {action}
          </Button>
        </>
      }
    >
      {typed === undefined ? (
        children
      ) : (
        <div className="flex flex-col gap-4">
          {children}
          <Field label={`Type "${typed}" to go on`}>
            {(own) => <Input {...own} value={text} autoComplete="off" onChange={(event) => setText(event.target.value)} />}
          </Field>
        </div>
      )}
    </Dialog>
  );
}

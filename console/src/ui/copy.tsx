import { Check, Copy as CopyIcon } from 'lucide-react';
import { useState } from 'react';
import { toast } from 'sonner';
import { IconButton } from './button.js';
import { classes } from './classes.js';

/** Puts a text on the clipboard. */
export function Copy({
  text,
  label = 'Copy',
  className,
}: {
  readonly text: string;
  readonly label?: string;
  readonly className?: string;
}) {
  const [done, setDone] = useState(false);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setDone(true);
      setTimeout(() => setDone(false), 1_500);
    } catch {
      toast.error('The browser does not let the page copy. Select the text and copy it yourself.');
    }
  };
  return (
    <IconButton
      icon={done ? Check : CopyIcon}
      label={done ? 'Copied' : label}
      className={className}
      onClick={() => void copy()}
    />
  );
}

/** A text to be copied, as it is. */
export function Code({
  text,
  label,
  className,
}: {
  readonly text: string;
  readonly label?: string;
  readonly className?: string;
}) {
  return (
    <div className={classes('relative rounded-md border border-line bg-sunken', className)}>
      <pre
        tabIndex={0}
        className="max-h-96 overflow-auto p-3 pr-12 font-mono text-xs leading-relaxed whitespace-pre-wrap break-words"
      >
        {text}
      </pre>
      <Copy text={text} {...(label === undefined ? {} : { label })} className="absolute top-1 right-1 size-8 bg-sunken" />
    </div>
  );
}

/** The command that does the same. */
export const Command = ({ text }: { readonly text: string }) => (
  <code className="rounded bg-sunken px-1.5 py-0.5 font-mono text-xs break-words text-ink">{text}</code>
);

import { ChevronRight } from 'lucide-react';
import { useEffect, useState, type ReactNode } from 'react';

interface DisclosureProps {
  readonly title: string;
  /** What holds while it is closed. */
  readonly note?: string | undefined;
  readonly open?: boolean;
  /** Something in it is wrong: it opens, so that this is seen. */
  readonly faulty?: boolean;
  readonly children: ReactNode;
}

/** A part of a form that most people leave as it is. */
export function Disclosure({ title, note, open = false, faulty = false, children }: DisclosureProps) {
  const [isOpen, setOpen] = useState(open);
  useEffect(() => {
    if (faulty) setOpen(true);
  }, [faulty]);
  return (
    <details
      open={isOpen}
      onToggle={(event) => setOpen(event.currentTarget.open)}
      className="group rounded-lg border border-line bg-surface"
    >
      <summary className="flex min-h-12 cursor-pointer list-none items-center gap-2 px-4 py-2 text-sm [&::-webkit-details-marker]:hidden">
        <ChevronRight className="size-4 shrink-0 text-muted transition-transform group-open:rotate-90" aria-hidden />
        <span className="shrink-0 font-semibold">{title}</span>
        {note !== undefined && <span className="min-w-0 truncate text-muted">{note}</span>}
      </summary>
      <div className="border-t border-line p-4">{children}</div>
    </details>
  );
}

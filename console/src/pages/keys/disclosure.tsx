import { ChevronRight } from 'lucide-react';
import type { ReactNode } from 'react';

interface DisclosureProps {
  readonly title: string;
  /** What holds while it is closed. */
  readonly note?: string | undefined;
  readonly open?: boolean;
  readonly children: ReactNode;
}

/** A part of a form that most people leave as it is. */
export const Disclosure = ({ title, note, open = false, children }: DisclosureProps) => (
  <details open={open} className="group rounded-lg border border-line bg-surface">
    <summary className="flex min-h-12 cursor-pointer list-none items-center gap-2 px-4 py-2 text-sm [&::-webkit-details-marker]:hidden">
      <ChevronRight className="size-4 shrink-0 text-muted transition-transform group-open:rotate-90" aria-hidden />
      <span className="shrink-0 font-semibold">{title}</span>
      {note !== undefined && <span className="min-w-0 truncate text-muted">{note}</span>}
    </summary>
    <div className="border-t border-line p-4">{children}</div>
  </details>
);

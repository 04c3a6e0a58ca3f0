import { RotateCw, TriangleAlert } from 'lucide-react';
import { advice, ApiFault } from '../api/fault.js';
import { Button } from './button.js';

/** Something went wrong: what, what can be done, and the id by which operators find it. */
export function Trouble({ error, onRetry }: { readonly error: unknown; readonly onRetry?: () => void }) {
  const fault = error instanceof ApiFault ? error : null;
  const more = fault === null ? 'Reload the page. If it happens again, tell an operator what you did.' : advice(fault);
  return (
    <div role="alert" className="flex flex-wrap items-start gap-3 rounded-md border border-bad/40 bg-bad-soft px-4 py-3 text-sm">
      <TriangleAlert className="mt-0.5 size-4 shrink-0 text-bad" aria-hidden />
      <div className="min-w-0 flex-1">
        <p className="font-medium break-words">{fault?.message ?? 'The page has run into an error of its own.'}</p>
        {more !== null && <p>{more}</p>}
        {fault?.requestId != null && <p className="mt-1 font-mono text-xs break-all">Request id {fault.requestId}</p>}
      </div>
      {onRetry !== undefined && (
        <Button icon={RotateCw} onClick={onRetry}>
          Try again
        </Button>
      )}
    </div>
  );
}

/** A fault of a form, where it is of none of its fields. @param fields those that show their own. */
export function FormTrouble({ error, fields = [] }: { readonly error: unknown; readonly fields?: readonly string[] }) {
  if (error === null || error === undefined) return null;
  if (error instanceof ApiFault && error.param !== null && fields.includes(error.param)) return null;
  return <Trouble error={error} />;
}

/** What the platform says of one field of what was sent. */
export const faultOf = (error: unknown, field: string): string | undefined =>
  error instanceof ApiFault && (error.param === field || error.param?.startsWith(`${field}.`) === true)
    ? error.message
    : undefined;

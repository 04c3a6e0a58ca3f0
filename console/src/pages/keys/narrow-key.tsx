import { Scissors } from 'lucide-react';
import { useChange } from '../../api/queries.js';
import { Badge } from '../../ui/badge.js';
import { Button } from '../../ui/button.js';
import { Confirm } from '../../ui/dialog.js';
import { FormTrouble } from '../../ui/trouble.js';
import type { KeyObject } from './key-draft.js';

/** Looks what narrowing would take away, says it, and does it then. */
export function NarrowKey({ of: key, period }: { readonly of: KeyObject; readonly period: { readonly since?: number } }) {
  const look = useChange('keys.narrow');
  const narrow = useChange('keys.narrow', { done: `${key.name} holds only what it needs.`, also: ['key-report', 'audit'] });
  const close = () => {
    look.reset();
    narrow.reset();
  };
  const { data } = look;
  return (
    <>
      <Button
        icon={Scissors}
        className="h-8"
        busy={look.isPending}
        onClick={() => look.mutate({ id: key.id, body: { ...period, dry_run: true } })}
      >
        Narrow to what is used
      </Button>
      {look.error !== null && (
        <div className="basis-full">
          <FormTrouble error={look.error} />
        </div>
      )}
      {data !== undefined && !data.changed && (
        <p role="status" className="basis-full text-sm text-muted">
          There is nothing to take away.
        </p>
      )}
      {data?.changed === true && (
        <Confirm
          open
          onOpenChange={close}
          title={`Narrow ${key.name}?`}
          description={`It keeps ${data.after.join(', ')}. Calls that need another scope are refused from then on; the scopes can be given back under Edit.`}
          action={`Take ${data.removed.length} away`}
          busy={narrow.isPending}
          onConfirm={() => narrow.mutate({ id: key.id, body: period }, { onSuccess: close })}
        >
          <ul aria-label="What is taken away" className="flex flex-wrap gap-2">
            {data.removed.map((scope) => (
              <li key={scope}>
                <Badge tone="bad">{scope}</Badge>
              </li>
            ))}
          </ul>
          <FormTrouble error={narrow.error} />
        </Confirm>
      )}
    </>
  );
}

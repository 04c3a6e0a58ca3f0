import { useNavigate } from '@tanstack/react-router';
import { Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useChange } from '../../api/queries.js';
import { useMay } from '../../app/session.js';
import { Button } from '../../ui/button.js';
import { Confirm } from '../../ui/dialog.js';
import { FormTrouble } from '../../ui/trouble.js';
import type { Connection } from './words.js';

/** What can be done with a connection as a whole. */
export function ConnectionActions({ of: { id, name } }: { readonly of: Connection }) {
  const may = useMay();
  const navigate = useNavigate();
  const [isAsking, ask] = useState(false);
  const remove = useChange('connections.delete', { done: `${name} is deleted.` });
  if (!may('connections.delete')) return null;
  return (
    <>
      <Button look="danger" icon={Trash2} onClick={() => ask(true)}>
        Delete
      </Button>
      {isAsking && (
        <Confirm
          open
          onOpenChange={ask}
          title={`Delete ${name}?`}
          description="Its secret is gone for good. It is refused while an agent, a model or a dataset uses the connection."
          action="Delete"
          typed={name}
          busy={remove.isPending}
          onConfirm={() => remove.mutate({ id }, { onSuccess: () => void navigate({ to: '/connections' }) })}
        >
          <FormTrouble error={remove.error} />
        </Confirm>
      )}
    </>
  );
}

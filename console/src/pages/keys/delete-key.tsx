import { useState } from 'react';
import { useChange } from '../../api/queries.js';
import { Confirm } from '../../ui/dialog.js';
import { Field, Input, Select } from '../../ui/field.js';
import { FormTrouble } from '../../ui/trouble.js';
import type { KeyObject } from './key-draft.js';

interface DeleteProps {
  readonly of: KeyObject;
  readonly onClose: () => void;
  readonly onDone: () => void;
}

/** Deletes a key, once it is said what becomes of its conversations and files. */
export function DeleteKey({ of: { id, name }, onClose, onDone }: DeleteProps) {
  const [fate, setFate] = useState<'refuse' | 'force' | 'transfer'>('refuse');
  const [heir, setHeir] = useState('');
  const remove = useChange('keys.delete', { done: `${name} is deleted.`, also: ['key-activity', 'key-report', 'audit'] });
  const query = fate === 'force' ? { force: 'true' } : fate === 'transfer' ? { transfer_to: heir.trim() } : {};
  return (
    <Confirm
      open
      onOpenChange={onClose}
      title={`Delete ${name}?`}
      description="Its secret ends at once and the key is gone from all lists. Its calls stay in the request log and in the usage."
      action="Delete"
      typed={name}
      busy={remove.isPending}
      onConfirm={() => remove.mutate({ id, query }, { onSuccess: onDone })}
    >
      <Field label="Its conversations and files">
        {(own) => (
          <Select {...own} value={fate} onChange={(event) => setFate(event.target.value as typeof fate)}>
            <option value="refuse">There are none: refuse if there are</option>
            <option value="transfer">Give them to another key</option>
            <option value="force">Remove them too</option>
          </Select>
        )}
      </Field>
      {fate === 'transfer' && (
        <Field label="The other key" hint="Its name or id.">
          {(own) => <Input {...own} value={heir} onChange={(event) => setHeir(event.target.value)} />}
        </Field>
      )}
      <FormTrouble error={remove.error} />
    </Confirm>
  );
}

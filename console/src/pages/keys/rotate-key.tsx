import { RefreshCw } from 'lucide-react';
import { useState } from 'react';
import { useChange } from '../../api/queries.js';
import { Button } from '../../ui/button.js';
import { Dialog } from '../../ui/dialog.js';
import { Field, Select } from '../../ui/field.js';
import { FormTrouble } from '../../ui/trouble.js';
import type { KeyObject } from './key-draft.js';
import { SecretDialog } from './secret-dialog.js';

const overlaps = [
  ['0', 'Not at all: it ends now'],
  ['3600', '1 hour'],
  ['86400', '1 day'],
  ['604800', '7 days'],
  ['2592000', '30 days'],
] as const;

/** Gives a key a new secret, and shows that. The former one goes on for a while, so that clients can change over. */
export function RotateKey({ of: key, onClose }: { readonly of: KeyObject; readonly onClose: () => void }) {
  const [overlap, setOverlap] = useState('86400');
  const [former] = useState(key.last_four);
  const rotate = useChange('keys.rotate', { also: ['audit'] });
  if (rotate.data !== undefined)
    return (
      <SecretDialog
        title={`The new secret of ${key.name}`}
        issued={rotate.data}
        notes={[
          overlap === '0'
            ? 'The former secret has ended.'
            : `The former secret, which ends in ${former}, goes on for ${overlaps.find(([value]) => value === overlap)?.[1] ?? overlap}.`,
        ]}
        runbook={null}
        onClose={onClose}
      />
    );
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={`Rotate ${key.name}`}
      description="The key gets a new secret. Its id, rights and limits stay the same."
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            look="primary"
            icon={RefreshCw}
            busy={rotate.isPending}
            onClick={() => rotate.mutate({ id: key.id, body: { overlap_seconds: Number(overlap) } })}
          >
            Make the new secret
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4">
        <Field label="The former secret stays valid for" hint="Long enough to change it in all clients.">
          {(own) => (
            <Select {...own} value={overlap} onChange={(event) => setOverlap(event.target.value)}>
              {overlaps.map(([value, label]) => (
                <option key={value} value={value}>
                  {label}
                </option>
              ))}
            </Select>
          )}
        </Field>
        <FormTrouble error={rotate.error} />
      </div>
    </Dialog>
  );
}

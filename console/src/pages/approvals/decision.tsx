import { useState } from 'react';
import { Button } from '../../ui/button.js';
import { Field, TextArea } from '../../ui/field.js';
import { faultOf, FormTrouble } from '../../ui/trouble.js';

interface DecisionProps {
  readonly busy: boolean;
  readonly error: unknown;
  readonly onDecide: (decision: 'approve' | 'reject', reason: string) => void;
}

/** Approves or rejects, with what the caller is told. */
export function Decision({ busy, error, onDecide }: DecisionProps) {
  const [reason, setReason] = useState('');
  return (
    <div className="flex flex-col gap-3 border-t border-line pt-4">
      <Field label="Reason" hint="The caller reads it. It may stay empty." fault={faultOf(error, 'reason')}>
        {(own) => (
          <TextArea {...own} rows={2} maxLength={1000} value={reason} onChange={({ target }) => setReason(target.value)} />
        )}
      </Field>
      <FormTrouble error={error} fields={['reason']} />
      <div className="flex justify-end gap-2">
        <Button look="danger" disabled={busy} onClick={() => onDecide('reject', reason.trim())}>
          Reject
        </Button>
        <Button look="primary" busy={busy} onClick={() => onDecide('approve', reason.trim())}>
          Approve
        </Button>
      </div>
    </div>
  );
}

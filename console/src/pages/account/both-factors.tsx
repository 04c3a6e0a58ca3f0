import { useState } from 'react';
import { useChange } from '../../api/queries.js';
import { Button } from '../../ui/button.js';
import { Dialog } from '../../ui/dialog.js';
import { Field, Input } from '../../ui/field.js';
import { FormTrouble } from '../../ui/trouble.js';

interface Props {
  readonly what: 'renew' | 'remove';
  readonly onClose: () => void;
  readonly onCodes: (codes: readonly string[]) => void;
}

/** Asks for both factors once more, and makes new recovery codes or takes the second factor away. */
export function BothFactors({ what, onClose, onCodes }: Props) {
  const [password, setPassword] = useState('');
  const [code, setCode] = useState('');
  const renew = useChange('recovery-codes.renew');
  const remove = useChange('totp.remove', { done: 'The second factor is removed.' });
  const isRemoval = what === 'remove';
  const send = () => {
    const body = { password, code };
    if (isRemoval) remove.mutate({ body }, { onSuccess: onClose });
    else renew.mutate({ body }, { onSuccess: ({ codes }) => onCodes(codes) });
  };
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={isRemoval ? 'Remove the second factor?' : 'Make new recovery codes?'}
      description={isRemoval ? 'Your password alone lets you in then.' : 'The former codes are not good any more.'}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look={isRemoval ? 'alarm' : 'primary'} type="submit" form="both" busy={renew.isPending || remove.isPending}>
            {isRemoval ? 'Remove' : 'Make them'}
          </Button>
        </>
      }
    >
      <form
        id="both"
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          send();
        }}
      >
        <Field label="Password">
          {(own) => (
            <Input
              {...own}
              type="password"
              required
              value={password}
              autoComplete="current-password"
              onChange={(event) => setPassword(event.target.value)}
            />
          )}
        </Field>
        <Field label="Code" hint="From your authenticator app, or a recovery code.">
          {(own) => (
            <Input
              {...own}
              required
              value={code}
              autoComplete="one-time-code"
              onChange={(event) => setCode(event.target.value)}
            />
          )}
        </Field>
        <FormTrouble error={isRemoval ? remove.error : renew.error} />
      </form>
    </Dialog>
  );
}

import { useState } from 'react';
import { useChange } from '../../api/queries.js';
import { Button, buttonClasses } from '../../ui/button.js';
import { Code } from '../../ui/copy.js';
import { Dialog } from '../../ui/dialog.js';
import { Field, Input } from '../../ui/field.js';
import { FormTrouble } from '../../ui/trouble.js';

interface Props {
  readonly onClose: () => void;
  /** The codes for somebody who loses the phone. */
  readonly onCodes: (codes: readonly string[]) => void;
}

/** Sets up an authenticator app: the password once more, the secret for the app, and a code of it. */
export function SetUpTotp({ onClose, onCodes }: Props) {
  const [password, setPassword] = useState('');
  const [code, setCode] = useState('');
  const begin = useChange('totp.set-up');
  const confirm = useChange('totp.confirm', { done: 'The second factor counts from now on.' });
  const setup = begin.data;
  const send = () =>
    setup === undefined
      ? begin.mutate({ body: { password } }, { onSuccess: () => setPassword('') })
      : confirm.mutate({ body: { code } }, { onSuccess: ({ codes }) => onCodes(codes) });
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title="Set up a second factor"
      description={setup === undefined ? 'Say first that it is you.' : 'Give this to your authenticator app.'}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" type="submit" form="totp" busy={begin.isPending || confirm.isPending}>
            {setup === undefined ? 'Go on' : 'Confirm'}
          </Button>
        </>
      }
    >
      <form
        id="totp"
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          send();
        }}
      >
        {setup === undefined ? (
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
        ) : (
          <>
            <div>
              <p className="mb-1 text-sm font-medium">Secret</p>
              <Code text={setup.secret} label="Copy the secret" />
              <p className="mt-1 text-xs text-muted">Type it into the app as a time-based key.</p>
            </div>
            <div>
              <p className="mb-1 text-sm font-medium">The same as an address</p>
              <Code text={setup.url} label="Copy the address" />
              <a href={setup.url} className={buttonClasses('plain', 'mt-2')} rel="noopener">
                Open in an app on this device
              </a>
            </div>
            <Field label="Code" hint="The six digits that the app shows now.">
              {(own) => (
                <Input
                  {...own}
                  required
                  inputMode="numeric"
                  value={code}
                  autoComplete="one-time-code"
                  onChange={(event) => setCode(event.target.value)}
                />
              )}
            </Field>
          </>
        )}
        <FormTrouble error={setup === undefined ? begin.error : confirm.error} />
      </form>
    </Dialog>
  );
}

import { useState } from 'react';
import type { Reply } from '../../api/call.js';
import { useChange } from '../../api/queries.js';
import { Button } from '../../ui/button.js';
import { Field, Input } from '../../ui/field.js';
import { Panel } from '../../ui/panel.js';
import { Time } from '../../ui/time.js';
import { faultOf, FormTrouble } from '../../ui/trouble.js';

/** Sets another password. All other sessions end with the former one. */
export function ChangePassword({ now }: { readonly now: Reply<'sign-in.get'> }) {
  const [current, setCurrent] = useState('');
  const [next, setNext] = useState('');
  const { mutate, isPending, error } = useChange('session.password', {
    done: 'The password is changed. Your other sessions have ended.',
    also: ['sessions'],
  });
  const clear = () => {
    setCurrent('');
    setNext('');
  };
  return (
    <Panel title="Password">
      {!now.password ? (
        <p className="text-sm text-muted">You sign in at your tenant's own sign-in, and have no password here.</p>
      ) : (
        <form
          className="flex flex-col gap-4"
          onSubmit={(event) => {
            event.preventDefault();
            mutate({ body: { current_password: current, new_password: next } }, { onSuccess: clear });
          }}
        >
          <p className="text-sm text-muted">
            Set <Time at={now.password_set_at} />.
          </p>
          <Field label="Current password" fault={faultOf(error, 'current_password')}>
            {(own) => (
              <Input
                {...own}
                type="password"
                required
                value={current}
                autoComplete="current-password"
                onChange={(event) => setCurrent(event.target.value)}
              />
            )}
          </Field>
          <Field label="New password" hint="At least 12 characters." fault={faultOf(error, 'new_password')}>
            {(own) => (
              <Input
                {...own}
                type="password"
                required
                minLength={12}
                maxLength={256}
                value={next}
                autoComplete="new-password"
                onChange={(event) => setNext(event.target.value)}
              />
            )}
          </Field>
          <FormTrouble error={error} fields={['current_password', 'new_password']} />
          <div>
            <Button type="submit" busy={isPending}>
              Change the password
            </Button>
          </div>
        </form>
      )}
    </Panel>
  );
}

import { useState } from 'react';
import { ApiFault } from '../../api/fault.js';
import { Button } from '../../ui/button.js';
import { Field, Input } from '../../ui/field.js';
import { Trouble } from '../../ui/trouble.js';
import { useAttempt } from './use-attempt.js';

/** An operator exchanges a token for a session. */
export function OperatorForm({ onDone }: { readonly onDone: () => Promise<void> }) {
  const [token, setToken] = useState('');
  const { busy, error, run } = useAttempt();
  return (
    <form
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        run(async () => {
          const response = await fetch('/api/admin/v1/session', {
            method: 'POST',
            headers: { authorization: `Bearer ${token.trim()}` },
          });
          if (!response.ok) throw await ApiFault.of(response);
          await onDone();
        });
      }}
    >
      <Field label="Token" hint="It begins with gtad_. It is exchanged for a session, and kept nowhere in the browser.">
        {(own) => (
          <Input
            {...own}
            type="password"
            required
            value={token}
            autoComplete="off"
            onChange={(event) => setToken(event.target.value)}
          />
        )}
      </Field>
      {error !== null && <Trouble error={error} />}
      <Button type="submit" look="primary" busy={busy}>
        Sign in
      </Button>
    </form>
  );
}

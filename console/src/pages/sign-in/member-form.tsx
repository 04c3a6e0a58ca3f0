import { useState } from 'react';
import { call } from '../../api/call.js';
import { ApiFault } from '../../api/fault.js';
import { Button } from '../../ui/button.js';
import { Field, Input } from '../../ui/field.js';
import { Trouble } from '../../ui/trouble.js';
import { lastTenant, rememberTenant } from './last-tenant.js';
import { useAttempt } from './use-attempt.js';

interface MemberFormProps {
  readonly tenant: string | undefined;
  readonly onDone: () => Promise<void>;
}

/** A member signs in with a password, or goes to the tenant's own sign-in. */
export function MemberForm({ tenant: given, onDone }: MemberFormProps) {
  const [tenant, setTenant] = useState(given ?? lastTenant());
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const [code, setCode] = useState('');
  const [needsCode, setNeedsCode] = useState(false);
  const { busy, error, run } = useAttempt();
  const named = tenant.trim() === '' ? {} : { tenant: tenant.trim() };
  const signIn = () =>
    run(async () => {
      try {
        await call('sign-in.password', { body: { ...named, email, password, ...(needsCode && code !== '' ? { code } : {}) } });
      } catch (fault) {
        if (!(fault instanceof ApiFault) || fault.code !== 'second_factor_required' || needsCode) throw fault;
        setNeedsCode(true);
        return;
      }
      rememberTenant(tenant.trim());
      await onDone();
    });
  const atProvider = () =>
    run(async () => {
      const { authorization_url } = await call('sign-in.oidc', { body: named });
      location.assign(authorization_url);
    });
  return (
    <form
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        signIn();
      }}
    >
      <Field label="Tenant" hint="The short name of your company here. On its own host it may stay empty.">
        {(own) => (
          <Input
            {...own}
            value={tenant}
            autoComplete="organization"
            autoCapitalize="none"
            onChange={(event) => setTenant(event.target.value)}
          />
        )}
      </Field>
      <Field label="E-mail">
        {(own) => (
          <Input
            {...own}
            type="email"
            required
            value={email}
            autoComplete="username"
            onChange={(event) => setEmail(event.target.value)}
          />
        )}
      </Field>
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
      {needsCode && (
        <Field label="Code" hint="From your authenticator app, or a recovery code.">
          {(own) => (
            <Input
              {...own}
              autoFocus
              required
              inputMode="numeric"
              value={code}
              autoComplete="one-time-code"
              onChange={(event) => setCode(event.target.value)}
            />
          )}
        </Field>
      )}
      {error !== null && <Trouble error={error} />}
      <Button type="submit" look="primary" busy={busy}>
        Sign in
      </Button>
      <Button look="quiet" disabled={busy} onClick={atProvider}>
        Use the tenant's own sign-in
      </Button>
    </form>
  );
}

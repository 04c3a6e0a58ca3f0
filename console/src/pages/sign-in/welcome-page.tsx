import { useNavigate } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { call, type Reply } from '../../api/call.js';
import { ApiFault } from '../../api/fault.js';
import { forgetSession } from '../../app/session.js';
import { Button } from '../../ui/button.js';
import { Field, Input } from '../../ui/field.js';
import { Loading } from '../../ui/loading.js';
import { faultOf, FormTrouble, Trouble } from '../../ui/trouble.js';
import { rememberTenant } from './last-tenant.js';
import { SignInFrame } from './sign-in-frame.js';
import { useAttempt } from './use-attempt.js';

/**
 * Where an invitation or a recovery leads. The token stands behind the # of the address: it is taken out of the address at once, and kept
 * in the memory of the page alone.
 */
export function WelcomePage() {
  const [link] = useState(() => decodeURIComponent(location.hash.slice(1)));
  const [shown, setShown] = useState<Reply<'sign-in.link'> | null>(null);
  const [error, setError] = useState<unknown>(null);
  useEffect(() => {
    if (location.hash !== '') history.replaceState(null, '', location.pathname);
    if (link !== '') call('sign-in.link', { body: { link } }).then(setShown, setError);
  }, [link]);
  if (link === '')
    return (
      <SignInFrame title="No link" description="Open the link that you were given as a whole, with everything behind the #.">
        <a href="/console/sign-in" className="text-sm text-accent-text underline">
          Sign in
        </a>
      </SignInFrame>
    );
  if (error !== null)
    return (
      <SignInFrame
        title="This link is not good"
        description="Links are good once and for 72 hours. Ask an owner of your tenant for a new one."
      >
        <Trouble error={error} />
      </SignInFrame>
    );
  return shown === null ? (
    <SignInFrame title="One moment">
      <Loading rows={3} />
    </SignInFrame>
  ) : (
    <Accept link={link} shown={shown} />
  );
}

function Accept({ link, shown }: { readonly link: string; readonly shown: Reply<'sign-in.link'> }) {
  const [password, setPassword] = useState('');
  const [code, setCode] = useState('');
  const [needsCode, setNeedsCode] = useState(false);
  const { busy, error, run } = useAttempt();
  const navigate = useNavigate();
  const accept = () =>
    run(async () => {
      try {
        await call('sign-in.accept', { body: { link, password, ...(needsCode ? { code } : {}) } });
      } catch (fault) {
        if (!(fault instanceof ApiFault) || fault.code !== 'second_factor_required' || needsCode) throw fault;
        setNeedsCode(true);
        return;
      }
      rememberTenant(shown.tenant);
      forgetSession();
      await navigate({ to: '/', replace: true });
    });
  const atProvider = () =>
    run(async () => {
      const { authorization_url } = await call('sign-in.oidc', { body: { tenant: shown.tenant, link } });
      location.assign(authorization_url);
    });
  const isNew = shown.kind === 'invitation';
  return (
    <SignInFrame title={isNew ? `Welcome to ${shown.tenant_name}` : 'Set a new password'} description={`For ${shown.email}`}>
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          accept();
        }}
      >
        <input type="email" hidden readOnly value={shown.email} autoComplete="username" />
        <Field
          label="Password"
          hint="At least 12 characters. A few words are better than one odd one."
          fault={faultOf(error, 'password')}
        >
          {(own) => (
            <Input
              {...own}
              type="password"
              required
              minLength={12}
              maxLength={256}
              value={password}
              autoComplete="new-password"
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
        <FormTrouble error={error} fields={['password']} />
        <Button type="submit" look="primary" busy={busy}>
          {isNew ? 'Set the password and sign in' : 'Set it and sign in'}
        </Button>
        {shown.oidc && (
          <Button disabled={busy} onClick={atProvider}>
            Use the tenant's own sign-in
          </Button>
        )}
      </form>
    </SignInFrame>
  );
}

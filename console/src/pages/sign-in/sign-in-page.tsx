import { useNavigate, useSearch } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import { call } from '../../api/call.js';
import { ApiFault } from '../../api/fault.js';
import { actIn } from '../../api/tenant.js';
import { forgetSession } from '../../app/session.js';
import { Button } from '../../ui/button.js';
import { Field, Input } from '../../ui/field.js';
import { Loading } from '../../ui/loading.js';
import { Tabs } from '../../ui/tabs.js';
import { Trouble } from '../../ui/trouble.js';
import { SignInFrame } from './sign-in-frame.js';

interface Search {
  /** Where to go then, within the console. */
  readonly to?: string;
  readonly tenant?: string;
  /** Signs out first. */
  readonly out?: boolean;
  /** What the tenant's own sign-in sends back. */
  readonly code?: string;
  readonly state?: string;
  readonly error?: string;
}

const lastTenant = 'gt-last-tenant';

/** Signing in: with a password, at the tenant's own sign-in, or with an operator's token. */
export function SignInPage() {
  const search = useSearch({ strict: false }) as Search;
  const navigate = useNavigate();
  const [way, setWay] = useState('member');
  const arrive = async () => {
    forgetSession();
    actIn(undefined);
    await navigate({ href: search.to?.startsWith('/') === true && !search.to.startsWith('//') ? search.to : '/', replace: true });
  };
  useEffect(() => {
    if (search.out !== true) return;
    forgetSession();
    void call('session.end')
      .catch(() => undefined)
      .then(() => navigate({ to: '/sign-in', search: {}, replace: true }));
  }, [search.out, navigate]);
  if (search.state !== undefined || search.error !== undefined) return <ComingBack onDone={arrive} />;
  return (
    <SignInFrame title="Sign in">
      <Tabs
        label="Ways to sign in"
        value={way}
        onChange={setWay}
        tabs={[
          { value: 'member', label: 'Member', content: <MemberForm tenant={search.tenant} onDone={arrive} /> },
          { value: 'operator', label: 'Operator', content: <OperatorForm onDone={arrive} /> },
        ]}
      />
    </SignInFrame>
  );
}

interface FormProps {
  readonly onDone: () => Promise<void>;
}

function MemberForm({ tenant: given, onDone }: FormProps & { readonly tenant: string | undefined }) {
  const [tenant, setTenant] = useState(given ?? localStorage.getItem(lastTenant) ?? '');
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
      localStorage.setItem(lastTenant, tenant.trim());
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

function OperatorForm({ onDone }: FormProps) {
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

/** The browser has come back from the tenant's own sign-in. The address counts once, and is taken out of the history. */
function ComingBack({ onDone }: FormProps) {
  const [error, setError] = useState<unknown>(null);
  const begun = useRef(false);
  useEffect(() => {
    if (begun.current) return;
    begun.current = true;
    const callback_url = location.href;
    history.replaceState(null, '', '/console/sign-in');
    call('sign-in.oidc-complete', { body: { callback_url } }).then(onDone, setError);
  }, [onDone]);
  return (
    <SignInFrame title="Signing in">
      {error === null ? <Loading rows={2} /> : <Trouble error={error} />}
      {error !== null && (
        <a href="/console/sign-in" className="text-sm text-accent-text underline">
          Begin again
        </a>
      )}
    </SignInFrame>
  );
}

/** One attempt at a time, and why the last one failed. */
export function useAttempt() {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const run = (attempt: () => Promise<void>) => {
    setBusy(true);
    setError(null);
    attempt()
      .catch(setError)
      .finally(() => setBusy(false));
  };
  return { busy, error, run };
}

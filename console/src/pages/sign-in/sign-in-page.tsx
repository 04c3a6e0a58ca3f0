import { useNavigate, useSearch } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import { call } from '../../api/call.js';
import { actIn } from '../../api/tenant.js';
import { forgetSession } from '../../app/session.js';
import { Loading } from '../../ui/loading.js';
import { Tabs } from '../../ui/tabs.js';
import { Trouble } from '../../ui/trouble.js';
import { MemberForm } from './member-form.js';
import { OperatorForm } from './operator-form.js';
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

/** The browser has come back from the tenant's own sign-in. The address counts once, and is taken out of the history. */
function ComingBack({ onDone }: { readonly onDone: () => Promise<void> }) {
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

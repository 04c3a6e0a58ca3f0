import { ExternalLink, LogIn, LogOut } from 'lucide-react';
import { useEffect, useState } from 'react';
import type { Reply } from '../../api/call.js';
import { useChange } from '../../api/queries.js';
import { useMay } from '../../app/session.js';
import { Badge } from '../../ui/badge.js';
import { Button, buttonClasses } from '../../ui/button.js';
import { Copy } from '../../ui/copy.js';
import { Field, Input } from '../../ui/field.js';
import { Fact, Facts, Panel } from '../../ui/panel.js';
import { Time } from '../../ui/time.js';
import { faultOf, FormTrouble } from '../../ui/trouble.js';
import { grantWords, type Connection } from './words.js';

type Auth = Extract<Connection['auth'], { readonly mode: 'oauth' }>;
type Begun = Reply<'connections.login'>;

const states = {
  out: { tone: 'warn', words: 'Somebody must log in' },
  in: { tone: 'good', words: 'Logged in' },
  lost: { tone: 'bad', words: 'The provider has ended the login' },
} as const;

/** Where a browser is sent at the end, when the client has no address of its own. Nothing listens there: the person pastes the address. */
const ownCallback = 'http://127.0.0.1:49152/callback';

/** How the platform is logged in at the provider; logs in and out. */
export function Login({ connection, auth }: { readonly connection: string; readonly auth: Auth }) {
  const may = useMay();
  const begin = useChange('connections.login');
  const end = useChange('connections.logout', { done: 'The login is ended.' });
  const { login, grant } = auth;
  const begun = begin.data?.status === 'pending' ? begin.data : undefined;
  const { tone, words } = states[login.state];
  const body = grant === 'authorization_code' && auth.redirect_uri === null ? { redirect_uri: ownCallback } : {};
  return (
    <Panel
      title="Login at the provider"
      actions={
        <>
          {may('connections.login') && (
            <Button icon={LogIn} busy={begin.isPending} onClick={() => begin.mutate({ id: connection, body })}>
              {login.state === 'in' ? 'Log in again' : 'Log in'}
            </Button>
          )}
          {may('connections.logout') && login.state !== 'out' && (
            <Button icon={LogOut} busy={end.isPending} onClick={() => end.mutate({ id: connection })}>
              Log out
            </Button>
          )}
        </>
      }
    >
      <div className="flex flex-col gap-4">
        <Facts>
          <Fact label="State">
            <Badge tone={tone}>{words}</Badge>
          </Fact>
          <Fact label="Signs in">{grantWords(grant)}</Fact>
          <Fact label="Since">
            <Time at={login.obtained_at} />
          </Fact>
          <Fact label="Access ends">
            <Time at={login.expires_at} none="not known" />
          </Fact>
          <Fact label="Can be renewed until">
            <Time at={login.refresh_expires_at} none="not known" />
          </Fact>
          {login.failure !== null && <Fact label="Last renewal failed">{login.failure}</Fact>}
        </Facts>
        {begun !== undefined && <Steps key={begun.attempt} connection={connection} of={begun} onDone={begin.reset} />}
        <FormTrouble error={begin.error ?? end.error} />
      </div>
    </Panel>
  );
}

interface StepsProps {
  readonly connection: string;
  readonly of: Begun;
  readonly onDone: () => void;
}

/** What a person does to complete a login. With a code, the platform is asked now and then whether it is done. */
function Steps({ connection, of: begun, onDone }: StepsProps) {
  const [address, setAddress] = useState('');
  const complete = useChange('connections.login.complete');
  const { attempt, interval, user_code, expires_at } = begun;
  const { mutate } = complete;
  const isDevice = user_code !== null;
  const isOver = complete.data?.status === 'complete';
  const hasFailed = complete.error !== null;
  useEffect(() => {
    if (isOver) onDone();
  }, [isOver, onDone]);
  useEffect(() => {
    if (!isDevice || isOver || hasFailed || attempt === null) return;
    const timer = setInterval(() => mutate({ id: connection, body: { attempt } }), (interval ?? 5) * 1_000);
    return () => clearInterval(timer);
  }, [isDevice, isOver, hasFailed, attempt, interval, connection, mutate]);
  const link = begun.authorization_url ?? begun.verification_uri_complete ?? begun.verification_uri;
  return (
    <form
      aria-label="Complete the login"
      className="flex flex-col gap-4 rounded-md border border-line p-4"
      onSubmit={(event) => {
        event.preventDefault();
        if (attempt !== null) mutate({ id: connection, body: { attempt, callback_url: address.trim() } });
      }}
    >
      {link !== null && /^https?:/.test(link) && (
        <a href={link} target="_blank" rel="noopener noreferrer" className={buttonClasses('primary', 'self-start')}>
          <ExternalLink className="size-4" aria-hidden /> Open the provider&apos;s page
        </a>
      )}
      {isDevice ? (
        <p className="flex flex-wrap items-center gap-2 text-sm">
          Type this code there: <strong className="font-mono text-base">{user_code}</strong>
          <Copy text={user_code} label="Copy the code" />
          <span role="status" className="text-muted">
            Waiting for the provider.
          </span>
        </p>
      ) : (
        <>
          <Field
            label="Address at the end"
            hint={`The browser ends at ${begun.redirect_uri ?? 'an address'}, which may show nothing. Copy the whole address from its bar.`}
            fault={faultOf(complete.error, 'callback_url')}
          >
            {(own) => (
              <Input {...own} required autoComplete="off" value={address} onChange={(event) => setAddress(event.target.value)} />
            )}
          </Field>
          <Button type="submit" className="self-start" busy={complete.isPending}>
            Complete the login
          </Button>
        </>
      )}
      {expires_at !== null && (
        <p className="text-xs text-muted">
          This login must be completed <Time at={expires_at} />.
        </p>
      )}
      <FormTrouble error={complete.error} fields={['callback_url']} />
    </form>
  );
}

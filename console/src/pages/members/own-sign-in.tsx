import { LogIn } from 'lucide-react';
import { useState } from 'react';
import { useCall, useChange } from '../../api/queries.js';
import { useMay } from '../../app/session.js';
import { Button } from '../../ui/button.js';
import { Code } from '../../ui/copy.js';
import { Confirm } from '../../ui/dialog.js';
import { Loading } from '../../ui/loading.js';
import { Empty, Fact, Facts, Panel } from '../../ui/panel.js';
import { Time } from '../../ui/time.js';
import { Trouble } from '../../ui/trouble.js';
import { SetOwnSignIn } from './set-own-sign-in.js';

/** The tenant's own sign-in with OpenID Connect. */
export function OwnSignIn() {
  const { data, error, refetch } = useCall('oidc.get');
  const may = useMay();
  const [asked, ask] = useState<'set' | 'delete' | null>(null);
  const remove = useChange('oidc.delete', { done: 'The single sign-on is removed.' });
  if (error !== null && error.status !== 404) return <Trouble error={error} onRetry={() => void refetch()} />;
  // After a removal the last answer is still there, and the error says that it is none any more.
  const now = error === null ? data : undefined;
  return (
    <Panel
      title="Single sign-on (OpenID Connect)"
      actions={
        now !== undefined && (
          <>
            {may('oidc.set') && <Button onClick={() => ask('set')}>Change</Button>}
            {may('oidc.delete') && (
              <Button look="danger" onClick={() => ask('delete')}>
                Remove
              </Button>
            )}
          </>
        )
      }
    >
      {now !== undefined ? (
        <div className="flex flex-col gap-4">
          <Facts>
            <Fact label="Issuer">{now.issuer}</Fact>
            <Fact label="Client id">{now.client_id}</Fact>
            <Fact label="Client secret">{now.has_client_secret ? `stored, sent by ${now.client_auth}` : 'none'}</Fact>
            <Fact label="Scopes">{['openid', ...now.scopes].join(' ')}</Fact>
            <Fact label="Changed">
              <Time at={now.updated_at} />
            </Fact>
          </Facts>
          <div>
            <p className="mb-1 text-xs text-muted">Redirect address, to be registered at the issuer</p>
            <Code text={now.redirect_uri} label="Copy the redirect address" />
          </div>
        </div>
      ) : error === null ? (
        <Loading />
      ) : (
        <Empty
          icon={LogIn}
          title="Members sign in with a password."
          action={
            may('oidc.set') && (
              <Button look="primary" onClick={() => ask('set')}>
                Set up single sign-on
              </Button>
            )
          }
        >
          With an OpenID Connect provider they sign in where they sign in for everything else.
        </Empty>
      )}
      {asked === 'set' && <SetOwnSignIn now={now} onClose={() => ask(null)} />}
      {asked === 'delete' && (
        <Confirm
          open
          onOpenChange={() => ask(null)}
          title="Remove the single sign-on?"
          description="Members who have no password need a recovery link to get in again."
          action="Remove"
          busy={remove.isPending}
          onConfirm={() => remove.mutate({}, { onSuccess: () => ask(null) })}
        >
          {remove.error !== null && <Trouble error={remove.error} />}
        </Confirm>
      )}
    </Panel>
  );
}

import { useCall } from '../../api/queries.js';
import { useSession } from '../../app/session.js';
import { Badge } from '../../ui/badge.js';
import { Fact, Facts, Page, Panel } from '../../ui/panel.js';
import { Time } from '../../ui/time.js';
import { ChangePassword } from './change-password.js';
import { OwnSessions } from './own-sessions.js';
import { SecondFactor } from './second-factor.js';

/** Who is signed in, and how they come in. An operator comes in by a token, and has no password here. */
export function AccountPage() {
  const session = useSession();
  const isMember = session.member !== null;
  const signIn = useCall('sign-in.get', {}, { enabled: isMember });
  return (
    <Page title="Your account" description="Who you are here, and how you sign in.">
      <Panel title="You">
        <Facts>
          <Fact label={isMember ? 'E-mail' : 'Operator token'}>{session.name}</Fact>
          {session.member !== null && <Fact label="Name">{session.member.name || '–'}</Fact>}
          <Fact label="Role">
            <Badge>{session.role}</Badge>
          </Fact>
          <Fact label="Tenant">{session.tenant ?? 'the whole platform'}</Fact>
          <Fact label="This session began">
            <Time at={session.created_at} />
          </Fact>
          <Fact label="It ends">
            <Time at={session.expires_at} />
          </Fact>
        </Facts>
      </Panel>
      {signIn.data !== undefined && (
        <div className="grid gap-5 lg:grid-cols-2">
          <SecondFactor now={signIn.data} />
          <ChangePassword now={signIn.data} />
        </div>
      )}
      {session.member !== null && <OwnSessions member={session.member.id} />}
    </Page>
  );
}

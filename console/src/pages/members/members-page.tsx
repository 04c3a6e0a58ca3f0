import { useFilters, type Cursor } from '../../app/filters.js';
import { useMay } from '../../app/session.js';
import { Page } from '../../ui/panel.js';
import { Tabs } from '../../ui/tabs.js';
import { AdminTokens } from './admin-tokens.js';
import { InviteMember } from './invite-member.js';
import { MemberList } from './member-list.js';
import { MemberSessions } from './member-sessions.js';
import { OwnSignIn } from './own-sign-in.js';

/** The people of the tenant, how they come in, and the tokens by which programs do. */
export function MembersPage() {
  const { search, change } = useFilters<Cursor & { readonly tab?: string }>('/members');
  const may = useMay();
  return (
    <Page
      title="Members"
      description="Who looks after this tenant. Viewers read, managers change, owners do everything."
      actions={may('members.create') && <InviteMember />}
    >
      <div>
        <Tabs
          label="Parts of this page"
          value={search.tab ?? 'people'}
          onChange={(tab) => change({ tab: tab === 'people' ? undefined : tab, member: undefined })}
          tabs={[
            { value: 'people', label: 'People', content: <MemberList /> },
            { value: 'sessions', label: 'Sessions', content: <MemberSessions /> },
            { value: 'tokens', label: 'Admin tokens', content: <AdminTokens /> },
            { value: 'sign-in', label: 'Single sign-on', content: <OwnSignIn /> },
          ]}
        />
      </div>
    </Page>
  );
}

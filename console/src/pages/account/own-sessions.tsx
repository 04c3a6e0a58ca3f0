import { LogOut } from 'lucide-react';
import { useState } from 'react';
import { useCall, useChange } from '../../api/queries.js';
import { useFilters, type Cursor } from '../../app/filters.js';
import { Button } from '../../ui/button.js';
import { Confirm } from '../../ui/dialog.js';
import { Panel } from '../../ui/panel.js';
import { Pager } from '../../ui/table.js';
import { Trouble } from '../../ui/trouble.js';
import { SessionTable } from '../members/session-table.js';

/** Where one is signed in. @param member oneself. */
export function OwnSessions({ member }: { readonly member: string }) {
  const { search, move } = useFilters<Cursor>('/account');
  const [isAsked, ask] = useState(false);
  const { data, error, refetch } = useCall('sessions.list', { query: { ...search, member, limit: 10 } }, { keep: true });
  const end = useChange('session.end-others', { done: 'All your other sessions have ended.', also: ['sessions'] });
  return (
    <Panel
      title="Where you are signed in"
      flush
      actions={
        <Button icon={LogOut} onClick={() => ask(true)}>
          Sign out everywhere else
        </Button>
      }
    >
      <SessionTable rows={data?.data} error={error} onRetry={() => void refetch()} />
      <Pager page={data} after={search.after} before={search.before} onMove={move} />
      {isAsked && (
        <Confirm
          open
          onOpenChange={ask}
          title="Sign out everywhere else?"
          description="All your sessions but this one end at once."
          action="Sign out"
          busy={end.isPending}
          onConfirm={() => end.mutate({}, { onSuccess: () => ask(false) })}
        >
          {end.error !== null && <Trouble error={end.error} />}
        </Confirm>
      )}
    </Panel>
  );
}

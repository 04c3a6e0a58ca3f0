import { Users } from 'lucide-react';
import type { Item } from '../../api/call.js';
import { useCall } from '../../api/queries.js';
import { useFilters, type Cursor } from '../../app/filters.js';
import { useMay, useSession } from '../../app/session.js';
import { Badge, State } from '../../ui/badge.js';
import { Button } from '../../ui/button.js';
import { Command } from '../../ui/copy.js';
import { Select } from '../../ui/field.js';
import { Empty, Panel } from '../../ui/panel.js';
import { DataTable, Pager, type Column } from '../../ui/table.js';
import { Time } from '../../ui/time.js';
import { MemberActions } from './member-actions.js';
import { memberRoles, type Role } from './roles.js';

type Member = Item<'members.list'>;

interface Search extends Cursor {
  readonly tab?: string;
  readonly role?: Role;
  readonly state?: Member['state'];
}

/** Everybody who is a member. */
export function MemberList() {
  const { search, change, move } = useFilters<Search>('/members');
  const { member } = useSession();
  const may = useMay();
  const { tab: _, ...filter } = search;
  const { data, error, refetch } = useCall('members.list', { query: { ...filter, limit: 25 } }, { keep: true });
  const columns: readonly Column<Member>[] = [
    {
      id: 'email',
      header: 'Member',
      className: 'max-w-64',
      cell: ({ id, email, name }) => (
        <div className="min-w-0">
          <span className="block truncate font-medium" title={email}>
            {email} {id === member?.id && <Badge tone="accent">you</Badge>}
          </span>
          {name !== '' && <span className="block truncate text-xs text-muted">{name}</span>}
        </div>
      ),
    },
    { id: 'role', header: 'Role', cell: ({ role }) => <Badge>{role}</Badge> },
    { id: 'state', header: 'State', cell: ({ state }) => <State state={state} /> },
    { id: 'created', header: 'Added', wide: true, cell: ({ created_at }) => <Time at={created_at} /> },
    ...(may('members.update')
      ? [{ id: 'do', header: '', right: true, cell: (row: Member) => <MemberActions of={row} isSelf={row.id === member?.id} /> }]
      : []),
  ];
  return (
    <Panel flush>
      <div className="flex flex-wrap items-center gap-2 border-b border-line p-3">
        <Select
          aria-label="Role"
          className="w-auto"
          value={search.role ?? ''}
          onChange={({ target }) => change({ role: target.value })}
        >
          <option value="">Role: all</option>
          {Object.keys(memberRoles).map((role) => (
            <option key={role}>{role}</option>
          ))}
        </Select>
        <Select
          aria-label="State"
          className="w-auto"
          value={search.state ?? ''}
          onChange={({ target }) => change({ state: target.value })}
        >
          <option value="">State: all</option>
          <option>active</option>
          <option>disabled</option>
        </Select>
        {(search.role ?? search.state) !== undefined && (
          <Button look="quiet" onClick={() => change({ role: undefined, state: undefined })}>
            Clear
          </Button>
        )}
      </div>
      <DataTable
        label="Members"
        columns={columns}
        rows={data?.data}
        rowId={({ id }) => id}
        error={error}
        onRetry={() => void refetch()}
        empty={
          <Empty icon={Users} title="No member is here.">
            Invite one, or on the command line: <Command text="gt member create --email ada@example.com --role viewer" />
          </Empty>
        }
      />
      <Pager page={data} after={search.after} before={search.before} onMove={move} />
    </Panel>
  );
}

import { Link } from '@tanstack/react-router';
import { KeyRound, LayoutDashboard } from 'lucide-react';
import { useMemo } from 'react';
import { useCall } from '../../api/queries.js';
import { useMay } from '../../app/session.js';
import { compact, money, number } from '../../format/numbers.js';
import { buttonClasses } from '../../ui/button.js';
import { Command } from '../../ui/copy.js';
import { Loading } from '../../ui/loading.js';
import { Empty, Page, Panel, Stat } from '../../ui/panel.js';
import { DataTable } from '../../ui/table.js';
import { Trouble } from '../../ui/trouble.js';
import { columnsWithKey } from '../requests/request-columns.js';
import { Attention } from './attention.js';
import { Hours } from './hours.js';

/** The last day at a glance, and what needs somebody. */
export function OverviewPage() {
  // The hour does not change while the page is looked at: what is read stays the same question.
  const since = useMemo(() => (Math.floor(Date.now() / 3_600_000) - 23) * 3_600, []);
  const hours = useCall('usage.groups', { query: { by: 'hour', since: String(since), limit: 24 } }, { every: 15_000 });
  const errors = useCall('requests.list', { query: { status: '5xx', limit: 5, since: String(since) } }, { every: 15_000 });
  const refusals = useCall('requests.list', { query: { status: '4xx', limit: 5, since: String(since) } }, { every: 15_000 });
  const newest = [...(errors.data?.data ?? []), ...(refusals.data?.data ?? [])]
    .sort((a, b) => b.created_at - a.created_at)
    .slice(0, 8);
  const totals = hours.data?.totals;
  return (
    <Page title="Overview" description="The last 24 hours. Numbers are of calls that reached a provider.">
      {hours.error !== null && <Trouble error={hours.error} onRetry={() => void hours.refetch()} />}
      {totals === undefined && hours.error === null && <Loading rows={2} />}
      {totals !== undefined && (
        <>
          <div className="grid grid-cols-2 gap-3 lg:grid-cols-5">
            <Stat label="Calls" value={compact(totals.calls)} title={number(totals.calls)} />
            <Stat label="Input tokens" value={compact(totals.input_tokens)} title={number(totals.input_tokens)} />
            <Stat label="Output tokens" value={compact(totals.output_tokens)} title={number(totals.output_tokens)} />
            <Stat
              label="Charge"
              value={totals.amounts.map(({ charge, currency }) => money(charge, currency)).join(', ') || 'no prices'}
              note={totals.unpriced_calls > 0 ? `${number(totals.unpriced_calls)} calls have no price` : 'all calls have a price'}
            />
            <Stat
              label="Newest errors"
              value={errors.data === undefined ? '…' : `${errors.data.data.length}${errors.data.has_more ? '+' : ''}`}
              note="answered with 5xx"
            />
          </div>
          {totals.calls === 0 ? <First /> : <Hours since={since} groups={hours.data?.data ?? []} />}
        </>
      )}
      <div className="grid grid-cols-1 gap-5 xl:grid-cols-[1fr_24rem]">
        <Panel
          flush
          title="Newest refusals and errors"
          actions={
            <Link to="/requests" className="text-sm text-accent-text hover:underline">
              All requests
            </Link>
          }
        >
          <DataTable
            label="Newest refusals and errors"
            columns={columnsWithKey.slice(0, 4)}
            rows={errors.data === undefined || refusals.data === undefined ? undefined : newest}
            rowId={({ id }) => id}
            error={errors.error ?? refusals.error}
            empty={<p className="p-4 text-sm text-muted">Every call of the last day was answered well.</p>}
          />
        </Panel>
        <Attention />
      </div>
    </Page>
  );
}

/** Nothing was called yet: what to do first. */
function First() {
  const may = useMay();
  return (
    <Panel>
      <Empty
        icon={LayoutDashboard}
        title="No call has reached a provider in the last day."
        action={
          may('keys.create') && (
            <Link to="/keys/new" className={buttonClasses('primary')}>
              <KeyRound className="size-4" aria-hidden />
              Create a key
            </Link>
          )
        }
      >
        A key is all that a client needs. On the command line:{' '}
        <Command text="gt key create --name app --preset openai-chat-client" />
      </Empty>
    </Panel>
  );
}

import { Link, useParams } from '@tanstack/react-router';
import type { Reply } from '../../api/call.js';
import { useCall } from '../../api/queries.js';
import { useMay } from '../../app/session.js';
import { duration, money, number } from '../../format/numbers.js';
import { Badge, State, statusTone } from '../../ui/badge.js';
import { Copy } from '../../ui/copy.js';
import { Loading } from '../../ui/loading.js';
import { Fact, Facts, Page, Panel } from '../../ui/panel.js';
import { DataTable, type Column } from '../../ui/table.js';
import { Time } from '../../ui/time.js';
import { Trouble } from '../../ui/trouble.js';
import { RequestBodies } from './request-bodies.js';
import { Timeline } from './timeline.js';

type Details = Reply<'requests.get'>;

/** One call: what it was, its steps, and its calls to providers. */
export function RequestPage() {
  const { id = '' } = useParams({ strict: false }) as { id?: string };
  const may = useMay();
  const { data, error, refetch } = useCall('requests.get', { id });
  if (data === undefined)
    return <Page title="Request">{error === null ? <Loading /> : <Trouble error={error} onRetry={() => void refetch()} />}</Page>;
  return (
    <Page
      title={`${data.method} ${data.route}`}
      description={
        <span className="flex items-center gap-1 font-mono text-xs break-all">
          {data.id} <Copy text={data.id} label="Copy the request id" className="size-7" />
        </span>
      }
    >
      <Panel>
        <FactsOf call={data} />
      </Panel>
      <Panel title="Timeline">
        <Timeline call={data} />
      </Panel>
      <Panel flush title="Calls to providers">
        <DataTable
          label="Calls to providers"
          columns={providerColumns}
          rows={data.calls}
          rowId={({ id: own }) => own}
          empty={<p className="p-4 text-sm text-muted">No provider was called for it.</p>}
        />
      </Panel>
      {may('requests.bodies') && <RequestBodies id={id} />}
    </Page>
  );
}

function FactsOf({ call }: { readonly call: Details }) {
  return (
    <Facts>
      <Fact label="Status">
        <span className="flex flex-wrap items-center gap-2">
          <Badge tone={statusTone(call.status)}>{call.status}</Badge>
          {call.error_code}
          {call.aborted && 'the client left before the end'}
        </span>
      </Fact>
      <Fact label="When">
        <Time at={call.created_at} />
      </Fact>
      <Fact label="Key">
        <Link to={`/keys/${call.key}`} className="text-accent-text hover:underline">
          {call.key_name ?? call.key}
        </Link>
      </Fact>
      <Fact label="Model">{call.endpoint ?? 'none'}</Fact>
      <Fact label="Latency">
        {duration(call.latency_ms)}
        {call.first_token_ms !== null && `, first token after ${duration(call.first_token_ms)}`}
      </Fact>
      <Fact label="Tokens">
        {number(call.input_tokens)} in, {number(call.output_tokens)} out
      </Fact>
      {call.currency !== null && call.charge !== null && <Fact label="Charge">{money(call.charge, call.currency)}</Fact>}
      <Fact label="From">{call.client_address}</Fact>
      <Fact label="Client">{call.client_agent ?? 'did not say'}</Fact>
      {call.count > 1 && <Fact label="Stands for">{number(call.count)} refusals of the same kind</Fact>}
    </Facts>
  );
}

const providerColumns: readonly Column<Details['calls'][number]>[] = [
  { id: 'connection', header: 'Connection', cell: ({ connection }) => connection ?? <span className="text-muted">deleted</span> },
  { id: 'model', header: 'Model', cell: ({ model }) => <code className="text-xs">{model}</code> },
  { id: 'state', header: 'End', cell: ({ state }) => <State state={state} /> },
  { id: 'status', header: 'Answer', cell: ({ upstream_status }) => upstream_status ?? <span className="text-muted">none</span> },
  { id: 'latency', header: 'Latency', right: true, cell: ({ latency_ms }) => duration(latency_ms) },
  { id: 'tokens', header: 'Tokens', right: true, cell: ({ total_tokens }) => number(total_tokens) },
  {
    id: 'source',
    header: 'Counted by',
    wide: true,
    cell: ({ source }) => (source === 'upstream' ? 'provider' : source === 'counted' ? 'platform' : 'nobody'),
  },
];

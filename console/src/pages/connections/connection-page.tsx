import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { useCall } from '../../api/queries.js';
import { useMay } from '../../app/session.js';
import { Copy } from '../../ui/copy.js';
import { Loading } from '../../ui/loading.js';
import { Fact, Facts, Page, Panel } from '../../ui/panel.js';
import { Tabs } from '../../ui/tabs.js';
import { Time } from '../../ui/time.js';
import { Trouble } from '../../ui/trouble.js';
import { ConnectionActions } from './connection-actions.js';
import { ConnectionForm } from './connection-form.js';
import { Health, HealthFacts } from './connection-health.js';
import { ConnectionModels } from './connection-models.js';
import { Login } from './login.js';
import { TestConnection } from './test-connection.js';
import { signInWords, type Connection } from './words.js';

/** One connection: how it fares, what it has, and its settings. */
export function ConnectionPage() {
  const { id = '' } = useParams({ strict: false }) as { readonly id?: string };
  const { tab = 'overview' } = useSearch({ strict: false }) as { readonly tab?: string };
  const navigate = useNavigate();
  const may = useMay();
  const { data: connection, error, refetch } = useCall('connections.get', { id }, { every: 15_000 });
  const back = (
    <Link to="/connections" className="hover:underline">
      ← All connections
    </Link>
  );
  if (connection === undefined)
    return (
      <Page title="Connection" description={back}>
        {error === null ? <Loading rows={8} /> : <Trouble error={error} onRetry={() => void refetch()} />}
      </Page>
    );
  const parts = [
    { value: 'overview', label: 'Overview', content: <Overview of={connection} /> },
    ...(may('connections.models')
      ? [{ value: 'models', label: 'Models', content: <ConnectionModels connection={connection.id} /> }]
      : []),
    ...(may('connections.update') ? [{ value: 'edit', label: 'Edit', content: <ConnectionForm of={connection} /> }] : []),
  ];
  return (
    <Page
      title={
        <span className="flex flex-wrap items-center gap-3">
          {connection.name} <Health of={connection.health} />
        </span>
      }
      description={
        <span className="flex flex-wrap items-center gap-x-3">
          {back}
          <span className="flex items-center font-mono text-xs">
            {connection.id}
            <Copy text={connection.id} label="Copy the id" className="size-7" />
          </span>
        </span>
      }
      actions={<ConnectionActions of={connection} />}
    >
      <div>
        <Tabs
          label="Parts of the connection"
          value={parts.some(({ value }) => value === tab) ? tab : 'overview'}
          onChange={(to) =>
            void navigate({ to: `/connections/${id}`, search: to === 'overview' ? {} : { tab: to }, replace: true })
          }
          tabs={parts}
        />
      </div>
    </Page>
  );
}

function Overview({ of: connection }: { readonly of: Connection }) {
  const may = useMay();
  return (
    <div className="flex flex-col gap-5">
      {may('connections.test') && <TestConnection connection={connection.id} />}
      {connection.auth.mode === 'oauth' && <Login connection={connection.id} auth={connection.auth} />}
      <Panel title="Health">
        <HealthFacts of={connection.health} />
      </Panel>
      <Panel title="Settings">
        <Facts>
          <Fact label="Address">
            <span className="font-mono text-xs break-all">{connection.base_url}</span>
          </Fact>
          <Fact label="Speaks">
            <span className="font-mono text-xs">{connection.wire}</span>
          </Fact>
          <Fact label="Signs in">{signInWords(connection.auth)}</Fact>
          <Fact label="Calls at once">{connection.limits.max_parallel ?? 'As many as come'}</Fact>
          <Fact label="Left alone after">
            {connection.limits.breaker === null
              ? 'Never'
              : `${connection.limits.breaker.failures} failures, for ${connection.limits.breaker.rest_seconds} s`}
          </Fact>
          <Fact label="Headers">{connection.headers.length === 0 ? 'None' : connection.headers.join(', ')}</Fact>
          <Fact label="Fine-tuning">{connection.fine_tuning === 'on' ? 'On' : 'Off'}</Fact>
          <Fact label="Proxy">{connection.proxy?.url ?? 'None'}</Fact>
          <Fact label="Made">
            <Time at={connection.created_at} />
          </Fact>
        </Facts>
      </Panel>
    </div>
  );
}

import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { useCall } from '../../api/queries.js';
import { useMay } from '../../app/session.js';
import { Badge } from '../../ui/badge.js';
import { Copy } from '../../ui/copy.js';
import { Loading } from '../../ui/loading.js';
import { Page } from '../../ui/panel.js';
import { Tabs } from '../../ui/tabs.js';
import { Trouble } from '../../ui/trouble.js';
import { AgentActions } from './agent-actions.js';
import { AgentForm } from './agent-form.js';
import { AgentOverview } from './agent-overview.js';
import { AgentUsers } from './agent-users.js';
import { EndpointList } from './endpoint-list.js';
import { Revisions } from './revisions.js';

/** One agent: its draft, what was published of it, and who may use it. */
export function AgentPage() {
  const { id = '' } = useParams({ strict: false }) as { readonly id?: string };
  const { tab = 'overview' } = useSearch({ strict: false }) as { readonly tab?: string };
  const navigate = useNavigate();
  const may = useMay();
  const { data: agent, error, refetch } = useCall('agents.get', { id });
  const back = (
    <Link to="/agents" className="hover:underline">
      ← All agents
    </Link>
  );
  if (agent === undefined)
    return (
      <Page title="Agent" description={back}>
        {error === null ? <Loading rows={8} /> : <Trouble error={error} onRetry={() => void refetch()} />}
      </Page>
    );
  const parts = [
    { value: 'overview', label: 'Overview', content: <AgentOverview of={agent} /> },
    ...(may('agents.update') ? [{ value: 'edit', label: 'Edit', content: <AgentForm key={agent.id} of={agent} /> }] : []),
    { value: 'revisions', label: 'Revisions', content: <Revisions of={agent} /> },
    { value: 'names', label: 'Published names', content: <EndpointList query={{ agent: agent.id }} /> },
    { value: 'users', label: 'Who may use it', content: <AgentUsers of={agent} /> },
  ];
  return (
    <Page
      title={
        <span className="flex flex-wrap items-center gap-3">
          {agent.name}
          {agent.published_revision === null ? (
            <Badge tone="warn">Not published</Badge>
          ) : (
            <Badge tone="good">Revision {agent.published_revision}</Badge>
          )}
        </span>
      }
      description={
        <span className="flex flex-wrap items-center gap-x-3">
          {back}
          <span className="flex items-center font-mono text-xs">
            {agent.id}
            <Copy text={agent.id} label="Copy the id" className="size-7" />
          </span>
        </span>
      }
      actions={<AgentActions of={agent} />}
    >
      <div>
        <Tabs
          label="Parts of the agent"
          value={parts.some(({ value }) => value === tab) ? tab : 'overview'}
          onChange={(to) => void navigate({ to: `/agents/${id}`, search: to === 'overview' ? {} : { tab: to }, replace: true })}
          tabs={parts}
        />
      </div>
    </Page>
  );
}

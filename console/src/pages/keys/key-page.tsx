import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { useCall } from '../../api/queries.js';
import { useMay } from '../../app/session.js';
import { State } from '../../ui/badge.js';
import { Copy } from '../../ui/copy.js';
import { Loading } from '../../ui/loading.js';
import { Page, Panel } from '../../ui/panel.js';
import { Tabs } from '../../ui/tabs.js';
import { Trouble } from '../../ui/trouble.js';
import { EditKey } from './edit-key.js';
import { KeyActions } from './key-actions.js';
import { KeyAudit } from './key-audit.js';
import { KeyExplain } from './key-explain.js';
import { KeyOverview } from './key-overview.js';
import { KeyRequests } from './key-requests.js';
import { KeyRights } from './key-rights.js';

/** One key, by its id or name. Which part of it is looked at stands in the address. */
export function KeyPage() {
  const { id = '' } = useParams({ strict: false }) as { readonly id?: string };
  const { tab = 'overview' } = useSearch({ strict: false }) as { readonly tab?: string };
  const navigate = useNavigate();
  const may = useMay();
  const { data: key, error, refetch } = useCall('keys.get', { id }, { every: 15_000 });
  const back = (
    <Link to="/keys" className="hover:underline">
      ← All keys
    </Link>
  );
  if (key === undefined)
    return (
      <Page title="Key" description={back}>
        {error === null ? (
          <Panel>
            <Loading rows={8} />
          </Panel>
        ) : (
          <Trouble error={error} onRetry={() => void refetch()} />
        )}
      </Page>
    );
  const parts = [
    { value: 'overview', label: 'Overview', content: <KeyOverview of={key} /> },
    ...(may('requests.list') ? [{ value: 'requests', label: 'Requests', content: <KeyRequests of={key} /> }] : []),
    { value: 'rights', label: 'Granted and used', content: <KeyRights of={key} /> },
    { value: 'explain', label: 'Explain', content: <KeyExplain of={key} /> },
    ...(may('audit.list') ? [{ value: 'audit', label: 'Audit', content: <KeyAudit of={key} /> }] : []),
    ...(may('keys.update') && key.state !== 'revoked'
      ? [{ value: 'edit', label: 'Edit', content: <EditKey key={key.id} of={key} /> }]
      : []),
  ];
  return (
    <Page
      title={
        <span className="flex flex-wrap items-center gap-3">
          {key.name} <State state={key.state} />
        </span>
      }
      description={
        <span className="flex flex-wrap items-center gap-x-3">
          {back}
          <span className="flex items-center font-mono text-xs">
            {key.id}
            <Copy text={key.id} label="Copy the id" className="size-7" />
          </span>
        </span>
      }
      actions={<KeyActions of={key} />}
    >
      <div>
        <Tabs
          label="Parts of the key"
          value={parts.some(({ value }) => value === tab) ? tab : 'overview'}
          onChange={(to) => void navigate({ to: `/keys/${id}`, search: to === 'overview' ? {} : { tab: to }, replace: true })}
          tabs={parts}
        />
      </div>
    </Page>
  );
}

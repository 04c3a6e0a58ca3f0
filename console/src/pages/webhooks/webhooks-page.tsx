import { Link } from '@tanstack/react-router';
import { Plus, Webhook } from 'lucide-react';
import { useState } from 'react';
import type { Item } from '../../api/call.js';
import { useCall } from '../../api/queries.js';
import { useFilters, type Cursor } from '../../app/filters.js';
import { useMay } from '../../app/session.js';
import { State } from '../../ui/badge.js';
import { Button } from '../../ui/button.js';
import { Command } from '../../ui/copy.js';
import { Empty, Page, Panel } from '../../ui/panel.js';
import { DataTable, Pager, type Column } from '../../ui/table.js';
import { Time } from '../../ui/time.js';
import { WebhookForm } from './webhook-form.js';
import { WebhookSecret } from './webhook-secret.js';

const columns: readonly Column<Item<'webhooks.list'>>[] = [
  {
    id: 'url',
    header: 'Address',
    className: 'max-w-80',
    cell: ({ id, url }) => (
      <Link to={`/webhooks/${id}`} className="block truncate font-medium hover:underline" title={url}>
        {url}
      </Link>
    ),
  },
  { id: 'state', header: 'State', cell: ({ state }) => <State state={state} /> },
  {
    id: 'events',
    header: 'Events',
    wide: true,
    className: 'max-w-80',
    cell: ({ events }) => (
      <span className="block truncate text-muted" title={events.join(', ')}>
        {events.join(', ')}
      </span>
    ),
  },
  { id: 'created', header: 'Created', wide: true, cell: ({ created_at }) => <Time at={created_at} /> },
];

/** Where the tenant is told of events. */
export function WebhooksPage() {
  const { search, move } = useFilters<Cursor>('/webhooks');
  const may = useMay();
  const [isNew, begin] = useState(false);
  const [secret, setSecret] = useState<string | null>(null);
  const { data, error, refetch } = useCall('webhooks.list', { query: { ...search, limit: 25 } }, { keep: true });
  const create = may('webhooks.create') && (
    <Button look="primary" icon={Plus} onClick={() => begin(true)}>
      Create a webhook
    </Button>
  );
  return (
    <Page title="Webhooks" description="Your servers are told when something happens, in signed calls." actions={create}>
      <Panel flush>
        <DataTable
          label="Webhooks"
          columns={columns}
          rows={data?.data}
          rowId={({ id }) => id}
          error={error}
          onRetry={() => void refetch()}
          empty={
            <Empty icon={Webhook} title="There are no webhooks yet." action={create}>
              On the command line: <Command text="gt webhook create --url https://hooks.example.com/gt --events file.ready" />
            </Empty>
          }
        />
        <Pager page={data} after={search.after} before={search.before} onMove={move} />
      </Panel>
      {isNew && (
        <WebhookForm
          onClose={() => begin(false)}
          onMade={(made) => {
            begin(false);
            setSecret(made);
          }}
        />
      )}
      {secret !== null && <WebhookSecret secret={secret} onClose={() => setSecret(null)} />}
    </Page>
  );
}

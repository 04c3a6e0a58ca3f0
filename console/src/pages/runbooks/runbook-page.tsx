import { Link, useParams } from '@tanstack/react-router';
import { KeyRound } from 'lucide-react';
import type { Reply } from '../../api/call.js';
import { useCall } from '../../api/queries.js';
import { useMay } from '../../app/session.js';
import { Badge } from '../../ui/badge.js';
import { buttonClasses } from '../../ui/button.js';
import { Copy } from '../../ui/copy.js';
import { Loading } from '../../ui/loading.js';
import { Fact, Facts, Page, Panel } from '../../ui/panel.js';
import { DataTable, type Column } from '../../ui/table.js';
import { Trouble } from '../../ui/trouble.js';
import { Checklist } from './checklist.js';
import { Configuration } from './configuration.js';
import { Verification } from './verification.js';

type Runbook = Reply<'runbooks.get'>;

/** How one product is connected, filled in with this tenant's host and names; a key of it is one click away. */
export function RunbookPage() {
  const { id = '' } = useParams({ strict: false }) as { id?: string };
  const may = useMay();
  const { data, error, refetch } = useCall('runbooks.get', { id });
  if (data === undefined)
    return (
      <Page title="Runbook">
        {error === null ? <Loading rows={8} /> : <Trouble error={error} onRetry={() => void refetch()} />}
      </Page>
    );
  const createsKey = data.preset !== null && may('keys.create');
  return (
    <Page
      title={data.name}
      description={data.summary}
      actions={
        createsKey && (
          <Link to="/keys/new" search={{ runbook: id }} className={buttonClasses('primary')}>
            <KeyRound className="size-4" aria-hidden />
            Create its key
          </Link>
        )
      }
    >
      <Panel>
        <Facts>
          <Fact label="Compatibility">{data.compatibility_label}</Fact>
          <Fact label="Preset">{data.preset ?? 'none: it cannot call the platform'}</Fact>
          <Fact label="Evidence">{data.evidence}</Fact>
          {data.base_url !== null && (
            <Fact label="Base URL">
              <span className="flex items-center gap-1">
                <code className="font-mono text-xs break-all">{data.base_url}</code>
                <Copy text={data.base_url} label="Copy the base URL" className="size-7" />
              </span>
            </Fact>
          )}
          <Fact label="Names">{data.filled_with.names.map(({ name }) => name).join(', ') || 'none are published yet'}</Fact>
        </Facts>
      </Panel>
      <Texts title="Before you begin" items={data.prerequisites} />
      <Configuration runbook={data} />
      <Texts title="Steps" items={data.steps} isOrdered />
      <Checklist runbook={data} />
      {may('runbooks.verify') && data.preset !== null && <Verification id={id} />}
      <Texts title="Worth knowing" items={data.caveats} />
      <Texts title="Not supported" items={data.not_supported} />
      <Panel flush title="Routes that it calls">
        <DataTable label="Routes" columns={routeColumns} rows={data.routes} rowId={(route) => `${route.id} ${route.path}`} />
      </Panel>
    </Page>
  );
}

const routeColumns: readonly Column<Runbook['routes'][number]>[] = [
  {
    id: 'route',
    header: 'Route',
    cell: ({ method, path }) => (
      <code className="font-mono text-xs whitespace-nowrap">
        {method} {path}
      </code>
    ),
  },
  { id: 'use', header: 'When', cell: ({ use }) => use },
  {
    id: 'verdict',
    header: 'Verdict',
    cell: ({ verdict }) => <Badge tone={verdict === 'not_supported' ? 'plain' : 'good'}>{verdict.replaceAll('_', ' ')}</Badge>,
  },
  {
    id: 'how',
    header: 'How',
    wide: true,
    cell: ({ integration }) => <span className="text-xs text-muted">{integration.replaceAll('`', '')}</span>,
  },
];

function Texts({
  title,
  items,
  isOrdered = false,
}: {
  readonly title: string;
  readonly items: readonly string[];
  readonly isOrdered?: boolean;
}) {
  if (items.length === 0) return null;
  const List = isOrdered ? 'ol' : 'ul';
  return (
    <Panel title={title}>
      <List className={isOrdered ? 'list-decimal space-y-1.5 pl-5 text-sm' : 'list-disc space-y-1.5 pl-5 text-sm'}>
        {items.map((item) => (
          <li key={item}>{item.replaceAll('`', '')}</li>
        ))}
      </List>
    </Panel>
  );
}

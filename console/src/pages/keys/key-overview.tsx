import { useNavigate, useSearch } from '@tanstack/react-router';
import { useMemo } from 'react';
import type { Item } from '../../api/call.js';
import { useCall } from '../../api/queries.js';
import { compact, money, number } from '../../format/numbers.js';
import { Badge } from '../../ui/badge.js';
import { Select } from '../../ui/field.js';
import { Fact, Facts, Panel, Stat } from '../../ui/panel.js';
import { Sparkline } from '../../ui/sparkline.js';
import { DataTable, type Column } from '../../ui/table.js';
import { Time } from '../../ui/time.js';
import { Expiry, Preset } from './key-columns.js';
import type { KeyObject } from './key-draft.js';
import { KeyLimits } from './key-limits.js';

type Group = Item<'usage.groups'>;

const spans = { '24h': 24, '7d': 168, '30d': 720 } as const;

/** The first moment of the first of the last hours, as a sum of whole hours has it. */
const sinceOf = (hours: number): number => (Math.floor(Date.now() / 3_600_000) - hours + 1) * 3_600;

/** What a key is, how much it was used for what, and what is left of its limits. */
export function KeyOverview({ of: key }: { readonly of: KeyObject }) {
  const { span = '24h' } = useSearch({ strict: false }) as { readonly span?: keyof typeof spans };
  const navigate = useNavigate();
  const query = { key: key.id, since: sinceOf(spans[span]), limit: 50 } as const;
  const byRoute = useCall('usage.groups', { query: { ...query, by: 'route' } }, { every: 15_000, keep: true });
  const byModel = useCall('usage.groups', { query: { ...query, by: 'model' } }, { every: 15_000, keep: true });
  const activity = useCall('key-activity.list', { query: { name: key.name, hours: 168 } }, { every: 30_000 });
  const hours = activity.data?.data[0]?.hours ?? [];
  const totals = byRoute.data?.totals;
  const lastDay = hours.slice(-24);
  return (
    <div className="flex flex-col gap-5">
      <div className="flex items-center gap-3">
        <h2 className="flex-1 text-sm font-semibold">Usage</h2>
        <Select
          aria-label="Time"
          className="w-auto"
          value={span}
          onChange={(event) => void navigate({ to: `/keys/${key.id}`, search: { span: event.target.value }, replace: true })}
        >
          <option value="24h">Last 24 hours</option>
          <option value="7d">Last 7 days</option>
          <option value="30d">Last 30 days</option>
        </Select>
      </div>
      <div className="grid grid-cols-2 gap-3 lg:grid-cols-4">
        <Stat label="Calls to providers" value={totals === undefined ? '…' : number(totals.calls)} />
        <Stat
          label="Tokens"
          value={totals === undefined ? '…' : compact(totals.total_tokens)}
          note={totals && `${compact(totals.input_tokens)} in, ${compact(totals.output_tokens)} out`}
        />
        <Stat
          label="Charged"
          value={totals === undefined ? '…' : chargesOf(totals)}
          note={totals && totals.unpriced_calls > 0 ? `${number(totals.unpriced_calls)} calls without a price` : undefined}
        />
        <Stat
          label="Last use"
          value={<Time at={key.last_used_at} />}
          note={
            <>
              made <Time at={key.created_at} />
            </>
          }
        />
      </div>
      <Panel title="Calls hour by hour">
        <div className="flex flex-wrap gap-x-10 gap-y-4">
          <Bars values={lastDay} of="24 hours" />
          <Bars values={hours} of="7 days" />
        </div>
      </Panel>
      <div className="grid grid-cols-1 gap-5 xl:grid-cols-2">
        <Groups title="By route" named="Route" reply={byRoute} />
        <Groups title="By model" named="Model" reply={byModel} />
      </div>
      <KeyLimits of={key} />
      <Panel title="Facts">
        <KeyFacts of={key} />
      </Panel>
    </div>
  );
}

function Bars({ values, of }: { readonly values: readonly number[]; readonly of: string }) {
  const sum = values.reduce((all, one) => all + one, 0);
  return (
    <figure className="min-w-0">
      <Sparkline values={values} label={`${number(sum)} calls in the last ${of}, hour by hour`} width={280} height={56} />
      <figcaption className="mt-1 text-xs text-muted">
        Last {of}: {number(sum)}
      </figcaption>
    </figure>
  );
}

const chargesOf = ({ amounts }: Pick<Group, 'amounts'>): string =>
  amounts.length === 0 ? '–' : amounts.map(({ charge, currency }) => money(charge, currency)).join(', ');

function Groups({
  title,
  named,
  reply,
}: {
  readonly title: string;
  readonly named: string;
  readonly reply: ReturnType<typeof useCall<'usage.groups'>>;
}) {
  const columns = useMemo<readonly Column<Group>[]>(
    () => [
      { id: 'id', header: named, cell: ({ id }) => <code className="text-xs break-all">{id}</code> },
      { id: 'calls', header: 'Calls', right: true, cell: ({ calls }) => number(calls) },
      { id: 'tokens', header: 'Tokens', right: true, cell: ({ total_tokens }) => compact(total_tokens) },
      { id: 'charge', header: 'Charged', right: true, cell: chargesOf },
    ],
    [named],
  );
  const rows = useMemo(() => reply.data && [...reply.data.data].sort((one, other) => other.calls - one.calls), [reply.data]);
  return (
    <Panel title={title} flush>
      <DataTable
        label={title}
        columns={columns}
        rows={rows}
        rowId={({ id }) => id}
        error={reply.error}
        onRetry={() => void reply.refetch()}
        empty={<p className="px-4 py-8 text-center text-sm text-muted">No call reached a provider in this time.</p>}
      />
    </Panel>
  );
}

const listOf = (names: readonly string[], none = 'none') =>
  names.length === 0 ? (
    <span className="text-muted">{none}</span>
  ) : (
    <span className="flex flex-wrap gap-1">
      {names.map((name) => (
        <Badge key={name}>{name === '*' ? 'all' : name}</Badge>
      ))}
    </span>
  );

const KeyFacts = ({ of: key }: { readonly of: KeyObject }) => (
  <Facts>
    <Fact label="Secret">
      <code>gtak_…{key.last_four}</code>
    </Fact>
    <Fact label="Preset">
      <Preset preset={key.preset} purpose={key.purpose} />
    </Fact>
    <Fact label="Purpose">{key.purpose}</Fact>
    <Fact label="Scopes">{listOf(key.effective_scopes)}</Fact>
    <Fact label="Aliases">{listOf(key.agents)}</Fact>
    <Fact label="Raw models">{listOf(key.raw_models)}</Fact>
    <Fact label="Datasets">{listOf(key.datasets)}</Fact>
    <Fact label="Allowed addresses">{listOf(key.allowed_ips, 'everywhere')}</Fact>
    <Fact label="Waits for approvals">{listOf(key.approval)}</Fact>
    <Fact label="Expires">
      <Expiry at={key.expires_at} />
    </Fact>
    <Fact label="Created">
      <Time at={key.created_at} />
    </Fact>
    <Fact label="Streams">
      {key.keep_alive === 'off' ? 'not kept open' : `kept open with ${key.keep_alive}s`}
      {key.websocket ? ', WebSocket too' : ', no WebSocket'}
    </Fact>
    {key.links !== null && (
      <Fact label="Keys that it uses">{listOf([key.links.inference, key.links.upload].filter((one) => one !== null))}</Fact>
    )}
    {key.prompt_policy !== undefined && (
      <Fact label="Prompt policy">
        {key.prompt_policy.instructions === undefined ? 'No instructions' : 'Instructions'},{' '}
        {(key.prompt_policy.guardrails ?? []).length} guardrails
      </Fact>
    )}
  </Facts>
);

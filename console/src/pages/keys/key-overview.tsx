import { useNavigate, useSearch } from '@tanstack/react-router';
import { useCall } from '../../api/queries.js';
import { compact, number } from '../../format/numbers.js';
import { Select } from '../../ui/field.js';
import { Panel, Stat } from '../../ui/panel.js';
import { Sparkline } from '../../ui/sparkline.js';
import { Time } from '../../ui/time.js';
import type { KeyObject } from './key-draft.js';
import { KeyFacts } from './key-facts.js';
import { KeyFindings } from './key-findings.js';
import { KeyLimits } from './key-limits.js';
import { chargesOf, UsageGroups } from './usage-groups.js';

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
      <KeyFindings of={key} />
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
        <UsageGroups title="By route" named="Route" reply={byRoute} />
        <UsageGroups title="By model" named="Model" reply={byModel} />
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

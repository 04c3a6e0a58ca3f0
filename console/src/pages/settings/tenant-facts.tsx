import type { Reply } from '../../api/call.js';
import { number } from '../../format/numbers.js';
import { Badge, State } from '../../ui/badge.js';
import { Fact, Facts, Panel } from '../../ui/panel.js';
import { Time } from '../../ui/time.js';
import { limitIds, limitNames } from './limit-names.js';

type Tenant = Reply<'tenants.get'>;

const days = (count: number | null, none: string) => (count === null ? none : `${number(count)} days`);

/** All settings of a tenant, those of operators by themselves. */
export function TenantFacts({ of }: { readonly of: Tenant }) {
  return (
    <>
      <Panel title="Tenant">
        <Facts>
          <Fact label="Name">{of.name}</Fact>
          <Fact label="Short name">{of.slug}</Fact>
          <Fact label="API">{of.api_enabled ? 'Keys can call it' : <Badge tone="warn">switched off</Badge>}</Fact>
          <Fact label="Time zone of budgets">{of.time_zone}</Fact>
          <Fact label="Created">
            <Time at={of.created_at} />
          </Fact>
        </Facts>
      </Panel>
      <Panel title="Limits of the tenant as a whole">
        <Limits of={of.limits} />
      </Panel>
      <Panel title="What is kept, and for how long">
        <Facts>
          <Fact label="Untouched conversations and their files">{days(of.retention_days, 'for ever')}</Fact>
          <Fact label="Stored completions and responses">{days(of.stored_days, '–')}</Fact>
          <Fact label="Request log">
            {of.request_log_days === 0 ? 'none' : days(of.request_log_days, 'as long as the platform keeps it')}
          </Fact>
          <Fact label="Bodies of calls">{of.request_bodies === null ? 'not kept' : days(of.request_bodies.days, '–')}</Fact>
        </Facts>
      </Panel>
      <Panel title="Routes">
        <Facts>
          <Fact label="Switched off for all keys">
            <Names of={of.routes_off} />
          </Fact>
          <Fact label="Held until somebody approves">
            <Names of={of.approval} />
          </Fact>
        </Facts>
      </Panel>
      <Panel title="Set by operators of the platform">
        <div className="flex flex-col gap-4">
          <Facts>
            <Fact label="State">
              <State state={of.state} />
            </Fact>
            <Fact label="Hosts">
              <Names of={of.hosts} />
            </Fact>
            <Fact label="Markup">{`${of.markup_per_mille / 10} %`}</Fact>
          </Facts>
          <div>
            <h3 className="mb-2 text-xs font-medium text-muted">Ceilings, which hold beside the tenant's own limits</h3>
            <Limits of={of.ceiling} />
          </div>
        </div>
      </Panel>
    </>
  );
}

const Limits = ({ of }: { readonly of: Tenant['limits'] }) => (
  <Facts>
    {limitIds.map((id) => (
      <Fact key={id} label={limitNames[id]}>
        {of[id] == null ? 'no limit' : number(of[id])}
      </Fact>
    ))}
  </Facts>
);

const Names = ({ of }: { readonly of: readonly string[] }) =>
  of.length === 0 ? (
    <span className="text-muted">none</span>
  ) : (
    <span className="flex flex-wrap gap-1">
      {of.map((name) => (
        <Badge key={name}>{name}</Badge>
      ))}
    </span>
  );

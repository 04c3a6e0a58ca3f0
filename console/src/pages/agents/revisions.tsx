import { Undo2 } from 'lucide-react';
import { useMemo, useState } from 'react';
import { useCall, useChange } from '../../api/queries.js';
import { useMay } from '../../app/session.js';
import { Button } from '../../ui/button.js';
import { Confirm } from '../../ui/dialog.js';
import { Field, Select } from '../../ui/field.js';
import { Loading } from '../../ui/loading.js';
import { Empty, Panel } from '../../ui/panel.js';
import { DataTable, Pager, type Column } from '../../ui/table.js';
import { Time } from '../../ui/time.js';
import { FormTrouble, Trouble } from '../../ui/trouble.js';
import { specOf, specOfRevision, type Agent, type Revision, type Spec } from './agent-draft.js';
import { Comparison } from './comparison.js';

const draft = 'draft';

/** What was published of an agent: compares any two of it, the draft too, and goes back to an older one. */
export function Revisions({ of: agent }: { readonly of: Agent }) {
  const [cursor, move] = useState<{ readonly after?: string | undefined; readonly before?: string | undefined }>({});
  const { data, error, refetch } = useCall('agents.revisions', { id: agent.id, query: { ...cursor, limit: 50 } }, { keep: true });
  const connections = useCall('connections.list', { query: { limit: 100 } });
  const datasets = useCall('datasets.list', { query: { limit: 100 } });
  const [chosen, choose] = useState<{ readonly left?: string; readonly right?: string }>({});
  const [older, ask] = useState<Revision | null>(null);
  const may = useMay();
  const names = useMemo(
    () =>
      new Map([
        ...(connections.data?.data.map(({ id, name }) => [id, name] as const) ?? []),
        ...(datasets.data?.data.map(({ id, alias }) => [id, alias] as const) ?? []),
      ]),
    [connections.data, datasets.data],
  );
  if (error !== null && data === undefined) return <Trouble error={error} onRetry={() => void refetch()} />;
  if (data === undefined || connections.isPending || datasets.isPending) return <Loading />;
  const revisions = data.data;
  if (revisions.length === 0)
    return (
      <Panel>
        <Empty title="Nothing is published yet.">Publish the draft for clients to use the agent.</Empty>
      </Panel>
    );
  const specs = new Map<string, Spec>([
    [draft, specOf(agent)],
    ...revisions.map((one) => [String(one.number), specOfRevision(one, names)] as const),
  ]);
  const valid = (value: string | undefined, otherwise: string) => (value !== undefined && specs.has(value) ? value : otherwise);
  const left = valid(chosen.left, String(revisions[0]?.number));
  const right = valid(chosen.right, draft);
  const [before, after] = [specs.get(left), specs.get(right)];
  const pick = (label: string, side: 'left' | 'right', value: string) => (
    <Field label={label} className="min-w-40">
      {(own) => (
        <Select {...own} value={value} onChange={(event) => choose({ left, right, [side]: event.target.value })}>
          {[...specs.keys()].map((key) => (
            <option key={key} value={key}>
              {key === draft ? 'The draft' : `Revision ${key}`}
            </option>
          ))}
        </Select>
      )}
    </Field>
  );
  const columns: readonly Column<Revision>[] = [
    { id: 'number', header: 'Revision', cell: ({ number }) => <span className="font-medium">{number}</span> },
    { id: 'by', header: 'Published by', wide: true, cell: ({ created_by }) => created_by },
    { id: 'at', header: 'Published', cell: ({ created_at }) => <Time at={created_at} /> },
    {
      id: 'back',
      header: 'Actions',
      right: true,
      cell: (one) =>
        may('agents.publish') && one.number !== agent.published_revision ? (
          <Button icon={Undo2} onClick={() => ask(one)} aria-label={`Roll back to revision ${one.number}`}>
            Roll back
          </Button>
        ) : one.number === agent.published_revision ? (
          <span className="text-muted">answers now</span>
        ) : null,
    },
  ];
  return (
    <div className="flex flex-col gap-5">
      <Panel title="Compare">
        <div className="mb-4 flex flex-wrap gap-4">
          {pick('From', 'left', left)}
          {pick('To', 'right', right)}
        </div>
        {before !== undefined && after !== undefined && <Comparison before={before} after={after} />}
      </Panel>
      <Panel flush title="Published revisions">
        <DataTable label="Revisions" columns={columns} rows={revisions} rowId={({ id }) => id} />
        <Pager page={data} {...cursor} onMove={move} />
      </Panel>
      {older !== null && <RollBack agent={agent} to={older} spec={specOfRevision(older, names)} onClose={() => ask(null)} />}
    </div>
  );
}

interface RollBackProps {
  readonly agent: Agent;
  readonly to: Revision;
  readonly spec: Spec;
  readonly onClose: () => void;
}

/** Makes an older revision the draft, and publishes it as the newest one. */
function RollBack({ agent, to, spec, onClose }: RollBackProps) {
  const change = useChange('agents.update');
  const publish = useChange('agents.publish', { done: `Revision ${to.number} of ${agent.name} is back.`, also: ['endpoints'] });
  const { id } = agent;
  const rollBack = () =>
    change.mutate({ id, body: spec }, { onSuccess: () => publish.mutate({ id, body: {} }, { onSuccess: onClose }) });
  return (
    <Confirm
      open
      onOpenChange={onClose}
      title={`Roll back to revision ${to.number}?`}
      description="Its text becomes the draft and is published as a new revision. All published names move to it at once. What the draft says now is lost."
      action="Roll back"
      busy={change.isPending || publish.isPending}
      onConfirm={rollBack}
    >
      <FormTrouble error={change.error ?? publish.error} />
    </Confirm>
  );
}

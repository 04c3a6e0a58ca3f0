import { useState } from 'react';
import { toast } from 'sonner';
import { call, type Item, type Reply } from '../../api/call.js';
import { useCall } from '../../api/queries.js';
import { number } from '../../format/numbers.js';
import { Badge } from '../../ui/badge.js';
import { Button } from '../../ui/button.js';
import { Confirm } from '../../ui/dialog.js';
import { Panel } from '../../ui/panel.js';
import { DataTable, type Column } from '../../ui/table.js';
import { Trouble } from '../../ui/trouble.js';

type Unopened = Reply<'sealing-keys.rotate'>['unopened'];

const tones = { sealing: 'good', opening: 'info', missing: 'bad' } as const;

const columns: readonly Column<Item<'sealing-keys.list'>>[] = [
  { id: 'id', header: 'Key', cell: ({ id }) => <span className="font-mono text-xs">{id}</span> },
  { id: 'state', header: 'State', cell: ({ state }) => <Badge tone={tones[state]}>{state}</Badge> },
  { id: 'secrets', header: 'Secrets', right: true, cell: ({ secrets }) => number(secrets) },
  { id: 'passing', header: 'Passing', right: true, wide: true, cell: ({ passing }) => number(passing) },
  {
    id: 'removable',
    header: 'In GT_SECRET_KEYS',
    wide: true,
    cell: ({ removable }) => (removable ? 'can be taken out' : 'is needed'),
  },
];

/** The keys that seal what is secret. A rotation goes step by step, and says how far it is. */
export function SealingKeys() {
  const { data, error, refetch } = useCall('sealing-keys.list');
  const [isAsked, ask] = useState(false);
  const [resealed, setResealed] = useState<number | null>(null);
  const [isBusy, setBusy] = useState(false);
  const [fault, setFault] = useState<unknown>(null);
  const [unopened, setUnopened] = useState<Unopened>([]);
  const rotate = async () => {
    ask(false);
    setBusy(true);
    setFault(null);
    try {
      for (let sum = 0, more = true; more;) {
        const step = await call('sealing-keys.rotate');
        sum += step.resealed;
        more = step.has_more;
        setResealed(sum);
        setUnopened(step.unopened);
      }
      toast.success('All secrets are sealed with the first key.');
    } catch (caught) {
      setFault(caught);
    } finally {
      setBusy(false);
      await refetch();
    }
  };
  return (
    <Panel
      title="Sealing keys"
      flush
      actions={
        <Button busy={isBusy} onClick={() => ask(true)}>
          Seal everything with the first key
        </Button>
      }
    >
      {(resealed !== null || fault !== null) && (
        <div className="flex flex-col gap-2 border-b border-line p-4 text-sm" role="status">
          {resealed !== null && <p>{number(resealed)} secrets were sealed anew.</p>}
          {unopened.map(({ what, tenant, id }) => (
            <p key={id} className="text-bad">
              {what} {id} of tenant {tenant} does not open. It must be given again.
            </p>
          ))}
          {fault !== null && <Trouble error={fault} onRetry={() => void rotate()} />}
        </div>
      )}
      <DataTable
        label="Sealing keys"
        columns={columns}
        rows={data?.data}
        rowId={({ id }) => id}
        error={error}
        onRetry={() => void refetch()}
      />
      {isAsked && (
        <Confirm
          open
          onOpenChange={ask}
          title="Seal all secrets with the first key?"
          description="Put the new key first in GT_SECRET_KEYS and restart every process before. Secrets are sealed anew while the platform runs."
          action="Begin"
          onConfirm={() => void rotate()}
        />
      )}
    </Panel>
  );
}

import { Play } from 'lucide-react';
import { useState } from 'react';
import { useCall, useChange } from '../../api/queries.js';
import { Badge, State, type Tone } from '../../ui/badge.js';
import { Button } from '../../ui/button.js';
import { Panel } from '../../ui/panel.js';
import { Time } from '../../ui/time.js';
import { Trouble } from '../../ui/trouble.js';

const tones: Readonly<Record<string, Tone>> = { pass: 'good', fail: 'bad', skipped: 'plain' };

/** Has a worker try the runbook against this installation, and shows each step when it is over. */
export function Verification({ id }: { readonly id: string }) {
  const [begun, setBegun] = useState<string | null>(null);
  const verify = useChange('runbooks.verify', { also: ['runbook-runs'] });
  const last = useCall('runbook-runs.list', { query: { runbook: id, limit: 1 } });
  const shown = begun ?? last.data?.data[0]?.id;
  const { data: run } = useCall('runbook-runs.get', { id: shown ?? '' }, { enabled: shown !== undefined, every: 1_500 });
  const isGoing = run !== undefined && ['queued', 'in_progress'].includes(run.status);
  return (
    <Panel
      title="Verification"
      actions={
        <Button
          icon={Play}
          busy={verify.isPending || isGoing}
          onClick={() => verify.mutate({ id, body: {} }, { onSuccess: (answer) => setBegun(answer.id) })}
        >
          Run it now
        </Button>
      }
    >
      <div className="flex flex-col gap-3 text-sm">
        {verify.error !== null && <Trouble error={verify.error} />}
        {run === undefined ? (
          <p className="text-muted">Not run yet. A worker makes keys for it, tries each step, and ends the keys again.</p>
        ) : (
          <>
            <p className="flex flex-wrap items-center gap-2" aria-live="polite">
              <State state={run.status} />
              {run.outcome !== null && <Badge tone={tones[run.outcome] ?? 'plain'}>{run.outcome}</Badge>}
              <span className="text-muted">
                begun <Time at={run.created_at} />, {run.steps.length} steps are over
              </span>
            </p>
            {run.error !== null && <p className="text-bad">{run.error}</p>}
            <ol className="flex flex-col gap-2">
              {run.steps.map((step) => (
                <li key={`${step.phase} ${step.id}`} className="flex gap-2">
                  <Badge tone={tones[step.outcome] ?? 'plain'} className="mt-0.5 w-16 justify-center">
                    {step.outcome}
                  </Badge>
                  <span className="min-w-0">
                    {step.text}
                    <span className="block text-xs break-words text-muted">{step.detail}</span>
                    {step.cure !== null && <span className="block text-xs text-warn">{step.cure}</span>}
                  </span>
                </li>
              ))}
            </ol>
          </>
        )}
      </div>
    </Panel>
  );
}

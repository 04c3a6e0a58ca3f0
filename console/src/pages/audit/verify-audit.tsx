import { ShieldAlert, ShieldCheck } from 'lucide-react';
import { useMutation } from '@tanstack/react-query';
import { call, type Reply } from '../../api/call.js';
import { number } from '../../format/numbers.js';
import { Button } from '../../ui/button.js';
import { Command } from '../../ui/copy.js';
import { Panel } from '../../ui/panel.js';
import { Trouble } from '../../ui/trouble.js';

type Found = Reply<'audit.verify'>;

const words: Readonly<Record<Found['faults'][number]['fault'], string>> = {
  changed: 'is not what was sealed',
  removed: 'is gone',
  inserted: 'was not written when its time says',
  cut: 'is gone with all after it',
  anchor_mismatch: 'has another hash than was written down',
};

/** Has the platform read the whole chain, and says in words what it has found. */
export function VerifyAudit({ route }: { readonly route: 'audit.verify' | 'operator-audit.verify' }) {
  const { mutate, data, error, isPending } = useMutation<Found>({ mutationFn: () => call(route) });
  return (
    <Panel
      title="Is the audit as it was written?"
      actions={
        <Button busy={isPending} onClick={() => mutate()}>
          Verify the chain
        </Button>
      }
    >
      {error !== null ? (
        <Trouble error={error} />
      ) : data === undefined ? (
        <p className="text-sm text-muted">
          A verification reads every row and holds the chain against its anchors.
          {route === 'audit.verify' && (
            <>
              {' '}
              On the command line: <Command text="gt audit verify" />
            </>
          )}
        </p>
      ) : (
        <div role="status" className="flex items-start gap-3 text-sm">
          {data.ok ? (
            <ShieldCheck className="size-5 shrink-0 text-good" aria-hidden />
          ) : (
            <ShieldAlert className="size-5 shrink-0 text-bad" aria-hidden />
          )}
          <div className="min-w-0">
            <p className="font-medium">
              {data.ok ? 'Nothing was changed, removed or put in.' : `There are ${number(data.fault_count)} faults.`}
            </p>
            <p className="text-muted">
              {number(data.rows)} rows, {number(data.sealed)} of them in the chain
              {data.unsealed > 0 && `, ${number(data.unsealed)} wait to be sealed`}. It was held against {number(data.anchors)}{' '}
              anchors
              {data.newest_anchor !== null && `, the newest of ${data.newest_anchor.day}`}.
            </p>
            {data.head !== null && (
              <p className="mt-1 font-mono text-xs break-all text-muted">
                Head {data.head.seq}: {data.head.hash}
              </p>
            )}
            <ul className="mt-1 list-disc pl-5">
              {data.faults.map(({ seq, id, fault }) => (
                <li key={`${seq} ${id} ${fault}`} className="break-all">
                  Row {seq ?? id ?? ''} {words[fault]}.
                </li>
              ))}
            </ul>
          </div>
        </div>
      )}
    </Panel>
  );
}

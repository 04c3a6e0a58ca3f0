import type { Reply } from '../../api/call.js';
import { useCall, useChange } from '../../api/queries.js';
import { useMay } from '../../app/session.js';
import { Dialog } from '../../ui/dialog.js';
import { Loading } from '../../ui/loading.js';
import { Trouble } from '../../ui/trouble.js';
import { Decision } from './decision.js';
import { HeldCall } from './held-call.js';

/** A held call with what would run, and the decision for those who may make it. */
export function HeldCallDialog({ id, onClose }: { readonly id: string; readonly onClose: () => void }) {
  const may = useMay();
  const mayLook = may('approvals.get');
  const { data, error } = useCall('approvals.get', { id }, { enabled: mayLook, every: 3_000 });
  const approve = useChange('approvals.approve', { done: 'Approved. The call runs now, once.' });
  const reject = useChange('approvals.reject', { done: 'Rejected. The caller is told why.' });
  const waits = data?.status === 'pending';
  return (
    <Dialog
      open
      wide
      onOpenChange={(open) => !open && onClose()}
      title={data === undefined ? 'Held call' : titleOf(data)}
      {...(data === undefined || !waits ? {} : { description: 'This is what runs if you approve. Nothing has run yet.' })}
    >
      <div className="flex flex-col gap-4">
        {!mayLook && <p className="text-sm">Owners and managers see what a held call would run, and decide.</p>}
        {error !== null && <Trouble error={error} />}
        {mayLook && data === undefined && error === null && <Loading />}
        {data !== undefined && <HeldCall held={data} />}
        {waits && (
          <Decision
            busy={approve.isPending || reject.isPending}
            error={approve.error ?? reject.error}
            onDecide={(decision, reason) =>
              (decision === 'approve' ? approve : reject).mutate(
                { id, body: reason === '' ? {} : { reason } },
                { onSuccess: onClose },
              )
            }
          />
        )}
      </div>
    </Dialog>
  );
}

const titleOf = ({ method, path }: Reply<'approvals.get'>): string => `${method} ${path}`;

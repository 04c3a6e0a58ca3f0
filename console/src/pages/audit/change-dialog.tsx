import { exactTime } from '../../format/times.js';
import { Dialog } from '../../ui/dialog.js';
import { Fact, Facts } from '../../ui/panel.js';
import type { Change } from './audit-table.js';
import { changeText } from './change-text.js';

/** One change: field by field what it was and what it became. */
export function ChangeDialog({ of, onClose }: { readonly of: Change; readonly onClose: () => void }) {
  const fields = [...new Set([...Object.keys(of.before ?? {}), ...Object.keys(of.changes)])];
  return (
    <Dialog
      open
      wide
      onOpenChange={onClose}
      title={`${of.kind.replaceAll('_', ' ')} ${of.action.replaceAll('_', ' ')}`}
      description={`${of.actor}, ${exactTime(of.created_at)}`}
    >
      <div className="flex flex-col gap-5">
        {fields.length === 0 ? (
          <p className="text-sm text-muted">No field was set.</p>
        ) : (
          <div className="overflow-x-auto" tabIndex={0} role="region" aria-label="Fields">
            <table className="w-full text-sm">
              <thead>
                <tr className="border-b border-line text-left text-xs text-muted">
                  <th scope="col" className="h-8 pr-4 font-medium">
                    Field
                  </th>
                  <th scope="col" className="pr-4 font-medium">
                    Before
                  </th>
                  <th scope="col" className="font-medium">
                    After
                  </th>
                </tr>
              </thead>
              <tbody>
                {fields.map((field) => (
                  <tr key={field} className="border-b border-line align-top last:border-0">
                    <th scope="row" className="py-2 pr-4 text-left font-medium">
                      {field}
                    </th>
                    <td className="py-2 pr-4 font-mono text-xs whitespace-pre-wrap break-words text-muted">
                      {changeText(of.before?.[field])}
                    </td>
                    <td className="py-2 font-mono text-xs whitespace-pre-wrap break-words">{changeText(of.changes[field])}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
        <Facts>
          <Fact label="Role">{of.actor_role}</Fact>
          <Fact label="Address">{of.address ?? '–'}</Fact>
          <Fact label="Object">
            <span className="font-mono text-xs break-all">{of.object_id}</span>
          </Fact>
          <Fact label="Request">
            <span className="font-mono text-xs break-all">{of.request_id}</span>
          </Fact>
          <Fact label="Place in the chain">{of.seq ?? 'not sealed yet: a worker does it within seconds'}</Fact>
          <Fact label="Hash">
            <span className="font-mono text-xs break-all">{of.hash ?? '–'}</span>
          </Fact>
        </Facts>
      </div>
    </Dialog>
  );
}

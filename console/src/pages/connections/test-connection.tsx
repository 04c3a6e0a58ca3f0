import { Plug } from 'lucide-react';
import { useChange } from '../../api/queries.js';
import { duration } from '../../format/numbers.js';
import { Badge } from '../../ui/badge.js';
import { Button } from '../../ui/button.js';
import { Panel } from '../../ui/panel.js';
import { FormTrouble } from '../../ui/trouble.js';

/** Asks the provider whether the connection works, and says the answer. */
export function TestConnection({ connection }: { readonly connection: string }) {
  const { mutate, data, error, isPending } = useChange('connections.test');
  return (
    <Panel
      title="Test"
      actions={
        <Button icon={Plug} busy={isPending} onClick={() => mutate({ id: connection })}>
          Test the connection
        </Button>
      }
    >
      <div role="status" className="flex flex-col gap-2 text-sm">
        {data === undefined && error === null && (
          <p className="text-muted">Asks the provider for its models. It costs nothing.</p>
        )}
        {data !== undefined && (
          <p className="flex flex-wrap items-center gap-2">
            <Badge tone={data.ok ? 'good' : 'bad'}>{data.ok ? 'It works' : 'It does not work'}</Badge>
            {data.error?.message ?? 'The provider answered and takes the credential.'}
            <span className="text-muted">
              {data.status === null ? 'No answer' : `Status ${data.status}`} after {duration(data.latency_ms)}.
            </span>
          </p>
        )}
        {data?.notices.map((notice) => (
          <p key={notice} className="rounded-md bg-warn-soft px-3 py-2 text-warn">
            {notice}
          </p>
        ))}
      </div>
      <FormTrouble error={error} />
    </Panel>
  );
}

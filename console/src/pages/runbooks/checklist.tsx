import { Circle, CircleCheck } from 'lucide-react';
import type { Reply } from '../../api/call.js';
import { useCall } from '../../api/queries.js';
import { Panel } from '../../ui/panel.js';
import { Time } from '../../ui/time.js';

/** The routes that the product always calls, each ticked once the tenant's request log has a good call of it, and what is to be seen in the product. */
export function Checklist({ runbook }: { readonly runbook: Reply<'runbooks.get'> }) {
  const always = runbook.routes.filter(({ use, verdict }) => use === 'always' && verdict !== 'not_supported');
  if (always.length + runbook.checks.length === 0) return null;
  return (
    <Panel title="Checklist">
      <ul className="flex flex-col gap-2 text-sm">
        {always.map(({ id, method, path }) => (
          <Called key={`${id} ${path}`} id={id} text={`${method} ${path}`} />
        ))}
        {runbook.checks.map(({ id, text }) => (
          <li key={id} className="flex gap-2">
            <Circle className="mt-0.5 size-4 shrink-0 text-muted" aria-hidden />
            <span>{text.replaceAll('`', '')}</span>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function Called({ id, text }: { readonly id: string; readonly text: string }) {
  const { data } = useCall('requests.list', { query: { route: id, status: '2xx', limit: 1 } }, { every: 5_000 });
  const [call] = data?.data ?? [];
  const Mark = call === undefined ? Circle : CircleCheck;
  return (
    <li className="flex gap-2">
      <Mark
        className={call === undefined ? 'mt-0.5 size-4 shrink-0 text-muted' : 'mt-0.5 size-4 shrink-0 text-good'}
        aria-hidden
      />
      <span>
        <code className="font-mono text-xs">{text}</code>{' '}
        {call === undefined ? (
          <span className="text-muted">no good call yet</span>
        ) : (
          <span className="text-good">
            called <Time at={call.created_at} />
            {call.key_name !== null && ` by ${call.key_name}`}
          </span>
        )}
      </span>
    </li>
  );
}

import { Link } from '@tanstack/react-router';
import { CircleCheck } from 'lucide-react';
import type { ReactNode } from 'react';
import { useCall } from '../../api/queries.js';
import { Badge, State, type Tone } from '../../ui/badge.js';
import { Panel } from '../../ui/panel.js';

/** So many of each kind are named; the page behind the link has all. */
const few = 5;

/** Keys, files, connections and calls that somebody should look after. */
export function Attention() {
  const every = { every: 30_000 };
  const report = useCall('key-report.list', { query: { limit: 100 } }, every);
  const files = useCall('files.list', { query: { state: 'failed', limit: few } }, every);
  const connections = useCall('connections.list', { query: { limit: 100 } }, every);
  const waiting = useCall('approvals.list', { query: { status: 'pending', limit: few } }, { every: 5_000 });
  const keys = (report.data?.data ?? []).filter(({ findings, state }) => findings.length > 0 && state === 'active');
  const troubled = (connections.data?.data ?? []).filter(({ health }) => health.state !== 'closed');
  const held = waiting.data?.data ?? [];
  const failed = files.data?.data ?? [];
  const isQuiet = keys.length + troubled.length + held.length + failed.length === 0;
  const isKnown = [report, files, connections, waiting].every(({ data }) => data !== undefined);
  return (
    <Panel title="Needs attention">
      {isQuiet && isKnown && (
        <p className="flex items-center gap-2 text-sm text-muted">
          <CircleCheck className="size-4 text-good" aria-hidden /> Nothing does.
        </p>
      )}
      <ul className="flex flex-col gap-3 text-sm">
        {held.length > 0 && (
          <Line to="/approvals" tone="info" badge="waiting">
            {held.length}
            {waiting.data?.has_more === true && '+'} {held.length === 1 ? 'call waits' : 'calls wait'} for a decision
          </Line>
        )}
        {troubled.slice(0, few).map(({ id, name, health }) => (
          <Line key={id} to={`/connections/${id}`} tone="bad" badge={health.state.replaceAll('_', ' ')}>
            The connection {name} is in trouble
          </Line>
        ))}
        {failed.map(({ id, filename }) => (
          <Line key={id} to="/datasets" tone="bad" badge="failed">
            The file {filename} could not be read
          </Line>
        ))}
        {keys.slice(0, few).map(({ id, name, findings }) => (
          <li key={id} className="flex flex-wrap items-center gap-2">
            {findings.map((finding) => (
              <State key={finding} state={finding} />
            ))}
            <Link to={`/keys/${id}`} className="min-w-0 flex-1 break-words hover:underline">
              The key {name}
            </Link>
          </li>
        ))}
        {keys.length > few && (
          <li>
            <Link to="/keys" className="text-accent-text hover:underline">
              {keys.length - few} more keys
            </Link>
          </li>
        )}
      </ul>
    </Panel>
  );
}

function Line({
  to,
  tone,
  badge,
  children,
}: {
  readonly to: string;
  readonly tone: Tone;
  readonly badge: string;
  readonly children: ReactNode;
}) {
  return (
    <li className="flex items-center gap-2">
      <Badge tone={tone}>{badge}</Badge>
      <Link to={to} className="min-w-0 flex-1 break-words hover:underline">
        {children}
      </Link>
    </li>
  );
}

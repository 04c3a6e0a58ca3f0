import { Link } from '@tanstack/react-router';
import type { Reply } from '../../api/call.js';
import { bytes } from '../../format/numbers.js';
import { Badge, State, statusTone } from '../../ui/badge.js';
import { Code } from '../../ui/copy.js';
import { Fact, Facts } from '../../ui/panel.js';
import { Time } from '../../ui/time.js';

/** What is held and would run, as text. */
export function HeldCall({ held }: { readonly held: Reply<'approvals.get'> }) {
  const { request, result } = held;
  return (
    <div className="flex flex-col gap-4">
      <Facts>
        <Fact label="Status">
          <State state={held.status} />
        </Fact>
        <Fact label="Key">
          <Link to={`/keys/${held.key}`} className="text-accent-text hover:underline">
            {held.key}
          </Link>
        </Fact>
        <Fact label="Model">{held.model ?? 'none'}</Fact>
        <Fact label="Asked">
          <Time at={held.created_at} />
        </Fact>
        <Fact label={held.decided_at === null ? 'Decide until' : 'Decided'}>
          <Time at={held.decided_at ?? held.expires_at} />
          {held.decided_by !== null && ` by ${held.decided_by}`}
        </Fact>
        <Fact label="Body">{bytes(held.body_bytes)}</Fact>
        {held.reason !== null && <Fact label="Reason">{held.reason}</Fact>}
        {result !== null && (
          <Fact label="Result">
            <Badge tone={statusTone(result.status)}>{result.status}</Badge> {bytes(result.bytes)}
          </Fact>
        )}
        {result?.request_id != null && (
          <Fact label="Request">
            <Link to={`/requests/${result.request_id}`} className="text-accent-text hover:underline">
              {result.request_id}
            </Link>
          </Fact>
        )}
      </Facts>
      {request !== null && (
        <>
          {Object.keys(request.headers).length > 0 && (
            <p className="text-sm">
              These headers come before what the body names:{' '}
              <code className="font-mono text-xs">
                {Object.entries(request.headers)
                  .map(([name, value]) => `${name}: ${value}`)
                  .join(', ')}
              </code>
            </p>
          )}
          {request.query !== '' && <p className="font-mono text-xs break-all">?{request.query}</p>}
          <Code text={readable(request.body)} label="Copy the body" />
          {!request.is_whole && <p className="text-xs text-muted">This is the beginning: the body is longer.</p>}
        </>
      )}
    </div>
  );
}

/** JSON with line breaks; anything else as it is. */
function readable(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

import { Link } from '@tanstack/react-router';
import { CircleCheck, CircleX, LoaderCircle, Play } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { duration, number } from '../../format/numbers.js';
import { Badge, statusTone } from '../../ui/badge.js';
import { Button } from '../../ui/button.js';
import { tryKey, type Trial } from './try-key.js';
import type { IssuedKey } from './snippets.js';

/** Makes two calls with the key as a client would: which models there are, and one small chat. */
export function TestKey({ issued, model }: { readonly issued: IssuedKey; readonly model: string }) {
  const [trials, setTrials] = useState<readonly Trial[]>([]);
  const [busy, setBusy] = useState(false);
  const canChat = issued.effective_scopes.includes('inference:chat');
  const run = async () => {
    setBusy(true);
    setTrials([]);
    for await (const trial of tryKey(issued.secret, canChat ? model : null))
      setTrials((before) => [...before.filter(({ path }) => path !== trial.path), trial]);
    setBusy(false);
  };
  return (
    <section className="rounded-lg border border-line" aria-label="Test of the key">
      <div className="flex flex-wrap items-center gap-3 px-4 py-3">
        <div className="min-w-0 flex-1">
          <h3 className="text-sm font-semibold">Does it work?</h3>
          <p className="text-xs text-muted">
            {canChat
              ? `Asks for the models, and ${model} for a few words. It is a real call and is counted.`
              : 'Asks for the models. The key may not chat.'}
          </p>
        </div>
        <Button icon={Play} busy={busy} onClick={() => void run()}>
          Test this key
        </Button>
      </div>
      {trials.length > 0 && (
        <ul aria-live="polite" className="border-t border-line">
          {trials.map((trial) => (
            <Result key={trial.path} trial={trial} />
          ))}
        </ul>
      )}
    </section>
  );
}

function Result({ trial }: { readonly trial: Trial }) {
  const { method, path, status, ms, requestId, said, tokens, fault } = trial;
  return (
    <li className="flex items-start gap-3 border-b border-line px-4 py-3 text-sm last:border-0">
      <Mark trial={trial} />
      <div className="min-w-0 flex-1">
        <p className="flex flex-wrap items-center gap-2">
          <code className="text-xs">
            {method} {path}
          </code>
          {status > 0 && <Badge tone={statusTone(status)}>{status}</Badge>}
          {ms !== null && <span className="text-xs text-muted">{duration(ms)}</span>}
          {tokens !== null && <span className="text-xs text-muted">{number(tokens)} tokens</span>}
        </p>
        {said !== null && <p className="mt-1 break-words whitespace-pre-wrap">{said}</p>}
        {fault !== null && <p className="mt-1 break-words text-bad">{fault}</p>}
        {requestId !== null && (
          <Link
            to={`/requests/${requestId}`}
            target="_blank"
            className="mt-1 block font-mono text-xs break-all text-muted underline"
          >
            {requestId}
          </Link>
        )}
      </div>
    </li>
  );
}

function Mark({ trial: { ms, fault } }: { readonly trial: Trial }): ReactNode {
  if (ms === null) return <LoaderCircle className="mt-0.5 size-4 animate-spin text-muted" aria-label="running" />;
  return fault === null ? (
    <CircleCheck className="mt-0.5 size-4 text-good" aria-label="it works" />
  ) : (
    <CircleX className="mt-0.5 size-4 text-bad" aria-label="it does not work" />
  );
}

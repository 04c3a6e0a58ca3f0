import type { ReactNode } from 'react';
import { classes } from './classes.js';

const tones = {
  plain: 'bg-sunken text-muted',
  good: 'bg-good-soft text-good',
  warn: 'bg-warn-soft text-warn',
  bad: 'bg-bad-soft text-bad',
  info: 'bg-info-soft text-info',
  accent: 'bg-accent-soft text-accent-text',
} as const;

export type Tone = keyof typeof tones;

export function Badge({
  tone = 'plain',
  className,
  children,
}: {
  readonly tone?: Tone;
  readonly className?: string;
  readonly children: ReactNode;
}) {
  return (
    <span
      className={classes(
        'inline-flex h-5 items-center rounded px-1.5 text-xs font-medium whitespace-nowrap',
        tones[tone],
        className,
      )}
    >
      {children}
    </span>
  );
}

const good = ['active', 'ready', 'completed', 'approved', 'ok', 'published', 'delivered', 'passed', 'succeeded'];
const bad = ['revoked', 'failed', 'rejected', 'error', 'down', 'suspended', 'leaked'];
const warn = ['expired', 'disabled', 'cancelled', 'degraded', 'expiring', 'over_granted', 'unused'];
const going = ['pending', 'running', 'queued', 'processing', 'in_progress', 'validating', 'finalizing', 'cancelling'];

/** The tone in which a state is shown. */
export function toneOf(state: string): Tone {
  if (good.includes(state)) return 'good';
  if (bad.includes(state)) return 'bad';
  if (warn.includes(state)) return 'warn';
  return going.includes(state) ? 'info' : 'plain';
}

/** A state in words. */
export const State = ({ state }: { readonly state: string }) => <Badge tone={toneOf(state)}>{state.replaceAll('_', ' ')}</Badge>;

/** The tone of a status of HTTP. */
export function statusTone(status: number): Tone {
  if (status >= 500) return 'bad';
  return status >= 400 ? 'warn' : 'good';
}

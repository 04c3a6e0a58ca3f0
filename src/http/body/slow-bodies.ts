import { AppError } from '../../kernel/app-error.js';

/** How long a body may take on its way in. */
export interface BodyPatience extends BodyPace {
  /** Longest silence within a body, in milliseconds. */
  readonly idleMs: number;
  /** Longest time for a whole body, in milliseconds. */
  readonly totalMs: number;
}

/** How fast a body must come at the least. */
export interface BodyPace {
  /** In each span of so many milliseconds … */
  readonly paceMs: number;
  /** … at least so many bytes must come. */
  readonly paceBytes: number;
}

/**
 * A body that only drips is given up within two spans, wherever in it the dripping begins. Half a kilobyte a second is
 * less than any line of today carries.
 */
export const usualPatience: BodyPatience = { idleMs: 30_000, totalMs: 300_000, paceMs: 30_000, paceBytes: 16 * 1024 };

/** The stretch of a body by which its pace is judged: when it began, and how much had come until then. */
interface Span {
  startedAt: number;
  received: number;
}

/** A body that is being read. */
export interface IncomingBody {
  /** `performance.now()` at its beginning and at its last byte. */
  readonly startedAt: number;
  readonly movedAt: number;
  /** Bytes that have come. */
  readonly received: number;
  giveUp(error: AppError): void;
}

/**
 * Gives up on bodies that do not come: each holds a connection and memory. One timer looks at all of them, since a
 * timer for each would be paid by every request.
 */
export class SlowBodies {
  private readonly open = new Map<IncomingBody, Span>();
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly patience: BodyPatience) {}

  add(body: IncomingBody): void {
    this.open.set(body, { startedAt: body.startedAt, received: 0 });
    this.timer ??= setInterval(() => this.look(), Math.max(this.patience.idleMs / 10, 1)).unref();
  }

  delete(body: IncomingBody): void {
    this.open.delete(body);
  }

  private look(): void {
    const now = performance.now();
    for (const [body, span] of this.open) if (this.isTooSlow(body, span, now)) body.giveUp(new AppError('request_timeout'));
    if (this.open.size > 0) return;
    clearInterval(this.timer);
    this.timer = undefined;
  }
  private isTooSlow(body: IncomingBody, span: Span, now: number): boolean {
    const { idleMs, totalMs, paceMs, paceBytes } = this.patience;
    if (now - body.movedAt > idleMs || now - body.startedAt > totalMs) return true;
    if (now - span.startedAt < paceMs) return false;
    if (body.received - span.received < paceBytes) return true;
    span.startedAt = now;
    span.received = body.received;
    return false;
  }
}

import { AppError } from '../../kernel/app-error.js';

/** How long a body may take on its way in. */
export interface BodyPatience {
  /** Longest silence within a body, in milliseconds. */
  readonly idleMs: number;
  /** Longest time for a whole body, in milliseconds. */
  readonly totalMs: number;
}

export const usualPatience: BodyPatience = { idleMs: 30_000, totalMs: 300_000 };

/** A body that is being read. */
export interface IncomingBody {
  /** `performance.now()` at its beginning and at its last byte. */
  readonly startedAt: number;
  readonly movedAt: number;
  giveUp(error: AppError): void;
}

/**
 * Gives up on bodies that do not come: each holds a connection and memory. One timer looks at all of them, since a
 * timer for each would be paid by every request.
 */
export class SlowBodies {
  private readonly open = new Set<IncomingBody>();
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly patience: BodyPatience) {}

  add(body: IncomingBody): void {
    this.open.add(body);
    this.timer ??= setInterval(() => this.look(), Math.max(this.patience.idleMs / 10, 1)).unref();
  }

  delete(body: IncomingBody): void {
    this.open.delete(body);
  }

  private look(): void {
    const now = performance.now();
    for (const body of this.open) {
      if (now - body.movedAt > this.patience.idleMs || now - body.startedAt > this.patience.totalMs)
        body.giveUp(new AppError('request_timeout'));
    }
    if (this.open.size > 0) return;
    clearInterval(this.timer);
    this.timer = undefined;
  }
}

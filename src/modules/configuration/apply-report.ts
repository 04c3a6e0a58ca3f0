import type { ApplyProgress } from '../../contracts/platform-file.js';
import type { Log } from '../../observability/log.js';

/** Hears how far an apply has come; many times a second at most. */
export type OnProgress = (progress: ApplyProgress) => void;

/** Long work says so in the log each time this has gone by. */
const loggedEveryMs = 5_000;

/** Tells how far one tenant of an apply has come: its caller at each step, the log every few seconds. */
export class ApplyReport {
  private readonly startedAt = performance.now();
  private loggedAt = this.startedAt;
  private done = 0;
  private total = 0;

  constructor(
    private readonly tenant: string,
    private readonly requestId: string,
    private readonly log: Log,
    private readonly onProgress: OnProgress,
  ) {}

  /** @param total how many objects are to be brought or deleted. */
  begin(total: number): void {
    this.total = total;
    this.add(0);
  }

  /** So many more are as they should be. */
  add(count: number): void {
    this.done += count;
    const { tenant, done, total } = this;
    this.onProgress({ object: 'apply.progress', tenant, done, total });
    if (performance.now() - this.loggedAt < loggedEveryMs) return;
    this.loggedAt = performance.now();
    this.log.info('applying', this.fields());
  }

  /** What was applied is committed. */
  end(): void {
    this.log.info('applied', { ...this.fields(), took_ms: Math.round(performance.now() - this.startedAt) });
  }

  private fields(): Readonly<Record<string, string | number>> {
    return { request_id: this.requestId, tenant: this.tenant, done: this.done, total: this.total };
  }
}

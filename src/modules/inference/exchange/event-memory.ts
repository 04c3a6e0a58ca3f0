import type { ShareBudget } from '../../../kernel/share-budget.js';
import type { ReplySink } from '../call/reply-sink.js';
import type { EventRoom } from '../wire/event-limits.js';

/** Counts what one stream holds of its events against the budget of all replies, until the client has taken them. */
export class EventMemory implements EventRoom {
  /** Bytes of the event that still comes, and of those that are on their way to the client. */
  private coming = 0;
  private leaving = 0;

  constructor(
    private readonly budget: ShareBudget,
    private readonly tenantId: string,
  ) {}

  hold(bytes: number): boolean {
    if (!this.budget.take(this.tenantId, bytes - this.coming)) return false;
    this.coming = bytes;
    return true;
  }

  free(): void {
    this.leaving += this.coming;
    this.coming = 0;
  }

  /** The client has all that was sent. */
  left(): void {
    if (this.leaving === 0) return;
    this.budget.giveBack(this.tenantId, this.leaving);
    this.leaving = 0;
  }

  /** The stream is over: nothing of it counts when the client has all, or has left. */
  closeAfter(sink: ReplySink): void {
    this.free();
    if (this.leaving > 0) sink.onFlushed(() => this.left());
  }
}

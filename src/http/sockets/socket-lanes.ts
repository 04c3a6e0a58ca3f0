/**
 * Work in lanes: one after the other within a lane, lanes side by side. Neither the lanes that have work nor what waits may
 * grow without an end.
 */
export class SocketLanes<T> {
  /** What waits in each lane that has work. */
  private readonly waiting = new Map<string, T[]>();
  private waits = 0;

  /** @param start begins a piece of work; `next` is to be called once when it is over. */
  constructor(
    private readonly maxLanes: number,
    private readonly maxWaiting: number,
    private readonly start: (work: T, next: () => void) => void,
  ) {}

  /** Nothing runs and nothing waits. */
  get isIdle(): boolean {
    return this.waiting.size === 0;
  }

  /** Takes work; false where there is no room for it. */
  add(lane: string, work: T): boolean {
    const queue = this.waiting.get(lane);
    if (queue === undefined) {
      if (this.waiting.size >= this.maxLanes) return false;
      this.waiting.set(lane, []);
      this.begin(lane, work);
      return true;
    }
    if (this.waits >= this.maxWaiting) return false;
    this.waits += 1;
    queue.push(work);
    return true;
  }

  /** Takes back all that waits. */
  dropWaiting(): T[] {
    this.waits = 0;
    return [...this.waiting.values()].flatMap((queue) => queue.splice(0));
  }

  private begin(lane: string, work: T): void {
    let isOver = false;
    this.start(work, () => {
      if (isOver) return;
      isOver = true;
      this.next(lane);
    });
  }

  private next(lane: string): void {
    const work = this.waiting.get(lane)?.shift();
    if (work === undefined) {
      this.waiting.delete(lane);
      return;
    }
    this.waits -= 1;
    // Refusals come at once: a long queue of them must not become a deep stack.
    setImmediate(() => this.begin(lane, work));
  }
}

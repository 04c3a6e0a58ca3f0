/** Where the events of an answer go: one by one to whoever wants each of them whole, else out as bytes. */
export class EventOutput {
  private waiting: Buffer[] = [];

  constructor(private readonly onEvent: ((event: Buffer) => void) | undefined) {}

  send(event: Buffer): void {
    if (this.onEvent === undefined) this.waiting.push(event);
    else this.onEvent(event);
  }

  /** The bytes that may be sent now; null when there are none. */
  taken(): Buffer | null {
    const [first] = this.waiting;
    if (first === undefined) return null;
    const events = this.waiting;
    this.waiting = [];
    return events.length === 1 ? first : Buffer.concat(events);
  }
}

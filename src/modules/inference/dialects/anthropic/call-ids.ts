/** The ids of calls in one request: this wire wants each only once, of letters, digits, `_` and `-`. */
export class CallIds {
  private readonly given = new Set<string>();
  /** How often an id was asked for. */
  private readonly times = new Map<string, number>();

  /** The id under which a call is said: its own where it can be. */
  next(id: string): string {
    const plain = id.replace(/[^\w-]/g, '_') || 'call';
    let times = this.times.get(plain) ?? 0;
    let said: string;
    do {
      times += 1;
      said = times === 1 ? plain : `${plain}-${times}`;
    } while (this.given.has(said));
    this.times.set(plain, times);
    this.given.add(said);
    return said;
  }
}

/** A place behind the first gate. Whoever holds it gives it back, however the request ends. */
export class Entry {
  private isHeld = true;

  /** @param running requests and jobs by key. */
  constructor(
    private readonly running: Map<string, number>,
    readonly keyId: string,
  ) {
    running.set(keyId, (running.get(keyId) ?? 0) + 1);
  }

  /** Gives the place back. The second time does nothing. */
  leave(): void {
    if (!this.isHeld) return;
    this.isHeld = false;
    const left = (this.running.get(this.keyId) ?? 0) - 1;
    if (left > 0) this.running.set(this.keyId, left);
    else this.running.delete(this.keyId);
  }
}

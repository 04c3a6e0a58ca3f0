/**
 * Who waits in this process for what only one may have at a time, first come, first served. So only the first of a line
 * asks the database, however many wait.
 */
export class WaitingLine {
  private readonly lines = new Map<string, (() => void)[]>();

  /**
   * Resolves when it is this caller's turn, who must then `leave`.
   * @returns true when it had to wait.
   * @throws the signal's reason when it fires before that.
   */
  async enter(name: string, signal: AbortSignal): Promise<boolean> {
    signal.throwIfAborted();
    const line = this.lines.get(name);
    if (line === undefined) {
      this.lines.set(name, []);
      return false;
    }
    await new Promise<void>((resolve, reject) => {
      const giveUp = (): void => {
        line.splice(line.indexOf(called), 1);
        reject(signal.reason as Error);
      };
      const called = (): void => {
        signal.removeEventListener('abort', giveUp);
        resolve();
      };
      signal.addEventListener('abort', giveUp, { once: true });
      line.push(called);
    });
    return true;
  }

  /** Calls the next one. */
  leave(name: string): void {
    const next = this.lines.get(name)?.shift();
    if (next === undefined) this.lines.delete(name);
    else next();
  }
}

const silenceMs = 10_000;

/**
 * Writes what goes wrong with a queue's connection: the first error at once, the same one again no more than every ten
 * seconds. Drivers report each of their attempts.
 */
export class QuietErrors {
  private readonly lastWritten = new Map<string, number>();

  constructor(
    private readonly write: (message: string) => void,
    private readonly now: () => number = () => performance.now(),
  ) {}

  report(error: unknown): void {
    const message = messageOf(error);
    const last = this.lastWritten.get(message);
    if (last !== undefined && this.now() - last < silenceMs) return;
    // Texts with changing ids would fill the memory.
    if (this.lastWritten.size >= 50) this.lastWritten.clear();
    this.lastWritten.set(message, this.now());
    this.write(message);
  }
}

/** A refused connection to a name with several addresses comes as an error without a text of its own. */
function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code } = error as NodeJS.ErrnoException;
  return error.message === '' ? (code ?? error.name) : error.message;
}

import type { DestinationStream } from 'pino';

/** Where gathered lines go: a pino destination. */
interface LineTarget extends DestinationStream {
  flushSync?(): void;
}

/** Lines are handed on when so many characters have come together, or after so many milliseconds. */
const gathering = { characters: 32 * 1024, ms: 100 } as const;

const unfinished = new Set<LineBuffer>();
process.once('exit', () => {
  for (const buffer of unfinished) buffer.finish();
});

/**
 * Gathers lines and hands them on in large pieces. The destination below measures and joins what it is given at every
 * write, and wakes a thread for each piece: with one piece for some hundred lines that no longer counts.
 * What is gathered is written when the process ends in order; a kill -9 loses the last tenth of a second.
 */
export class LineBuffer implements DestinationStream {
  private lines = '';
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly target: LineTarget) {
    unfinished.add(this);
  }

  write(line: string): void {
    this.lines += line;
    if (this.lines.length >= gathering.characters) this.flush();
    else this.timer ??= setTimeout(() => this.flush(), gathering.ms).unref();
  }

  /** Writes what is gathered before it returns, for the end of the process. */
  finish(): void {
    this.flush();
    this.target.flushSync?.();
  }

  private flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (this.lines === '') return;
    const { lines } = this;
    this.lines = '';
    this.target.write(lines);
  }
}

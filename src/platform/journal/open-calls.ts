import { beginLine, beginText, type CallStart } from './call-record.js';
import type { Segment } from './segment.js';

export interface OpenCall {
  readonly begin: string;
  readonly claims: string | undefined;
  /** Where the begin stands on the disk; undefined while it stands in memory alone. */
  segment: Segment | undefined;
}

/** Calls that were begun and have not ended, each with the segment that is needed for it. */
export class OpenCalls {
  private readonly calls = new Map<string, OpenCall>();

  /** @param release called for each segment that may be finished now. */
  constructor(private readonly release: (segment: Segment) => void) {}

  get size(): number {
    return this.calls.size;
  }

  begin(call: CallStart, claims?: string): OpenCall {
    const open = { begin: beginText(call), claims, segment: undefined };
    this.calls.set(call.id, open);
    return open;
  }

  /** The call that ends by this; undefined when it is not open. */
  end(id: string): OpenCall | undefined {
    const open = this.calls.get(id);
    if (open !== undefined) this.calls.delete(id);
    return open;
  }

  /** Says where the begin of a call was written; undefined when the disk did not take it. */
  place(open: OpenCall, segment: Segment | undefined): void {
    open.segment = segment;
    if (segment !== undefined) segment.openCalls += 1;
  }

  /** Says that the end of a call was written: its begin is not needed any more. */
  forgetBegin({ segment }: OpenCall): void {
    if (segment === undefined) return;
    segment.openCalls -= 1;
    this.release(segment);
  }

  /** The begin lines that stand in memory alone. */
  unwritten(): string {
    return this.inMemoryAlone()
      .map(({ begin, claims }) => beginLine(begin, claims))
      .join('');
  }

  /** Says that all begins that stood in memory alone now stand in this segment too. */
  wroteAll(segment: Segment): void {
    for (const call of this.inMemoryAlone()) this.place(call, segment);
  }

  /** Says that the files are gone: another process has them. */
  forgetSegments(): void {
    for (const call of this.calls.values()) call.segment = undefined;
  }

  private inMemoryAlone(): OpenCall[] {
    return [...this.calls.values()].filter(({ segment }) => segment === undefined);
  }
}

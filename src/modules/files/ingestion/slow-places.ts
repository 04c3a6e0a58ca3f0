import { Injectable } from '@nestjs/common';
import { TenantPlaces } from '../../../platform/queue/tenant-places.js';

/** So many files are remembered as slow ones; of more, the oldest are found out again. */
const mostKnown = 10_000;

/** The place of one attempt at a file, taken once it turns out that the file is slow to read. */
export interface SlowPlace {
  /** Takes the place, unless the attempt has it. @throws JobLaterError when none became free. */
  take(): Promise<void>;
  leave(): void;
}

/**
 * Of a worker's places those that files may have which take minutes: what a document reader reads, and scans whose text is
 * recognized. One place always stays for other files, and a tenant leaves one of these to the others. A file that once had to
 * wait is known: its next attempt waits before it begins.
 */
@Injectable()
export class SlowPlaces {
  private readonly places = new TenantPlaces({ all: 3, ofOne: 2, spare: 1 });
  private readonly known = new Set<string>();

  /** For an attempt at a file, or a further ingestion of one. @throws JobLaterError for a known one without a place. */
  async of(tenantId: string, id: string): Promise<SlowPlace> {
    let leave: (() => void) | undefined;
    const place = {
      take: async () => {
        if (leave !== undefined) return;
        this.remember(id);
        leave = await this.places.take(tenantId);
        this.known.delete(id);
      },
      leave: () => {
        leave?.();
        leave = undefined;
      },
    };
    if (this.known.has(id)) await place.take();
    return place;
  }

  private remember(id: string): void {
    const [oldest] = this.known;
    if (this.known.size >= mostKnown && oldest !== undefined) this.known.delete(oldest);
    this.known.add(id);
  }
}

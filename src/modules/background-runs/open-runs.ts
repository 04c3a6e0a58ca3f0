import { Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { setTimeout as wait } from 'node:timers/promises';
import type { Claim } from '../responses/background/background-record.js';
import { BackgroundWatchRepository } from '../responses/background/background-watch.repository.js';

/** How often the runs ask whether their responses are still theirs: a cancellation is obeyed within a second. */
const lookMs = 400;
/** Every so many looks the database hears that they live. */
const looksPerBeat = 7;
/** How long a stopping process waits for the ends of its runs to be written. */
const stopMs = 2_000;

/**
 * The runs of this process. As long as there is one, one statement asks for all of them who was cancelled, deleted or taken
 * over, and says every three seconds that they live.
 */
@Injectable()
export class OpenRuns implements BeforeApplicationShutdown {
  private readonly runs = new Map<string, { readonly claim: Claim; readonly lost: () => void }>();
  private timer: NodeJS.Timeout | undefined;
  private looks = 0;
  /** The last look found no database: the runs may seem dead, and are to say at once that they are not. */
  private wasAway = false;

  constructor(private readonly repository: BackgroundWatchRepository) {}

  /** Watches over a run until the function that is given back is called. `lost` is called when its response is not its own any more. */
  add(claim: Claim, lost: () => void): () => void {
    this.runs.set(claim.owner, { claim, lost });
    this.timer ??= setTimeout(() => void this.look(), lookMs);
    return () => void this.runs.delete(claim.owner);
  }

  async beforeApplicationShutdown(): Promise<void> {
    for (const deadline = performance.now() + stopMs; this.runs.size > 0 && performance.now() < deadline;) await wait(10);
    clearTimeout(this.timer);
  }

  private async look(): Promise<void> {
    const asked = [...this.runs.values()];
    this.looks += 1;
    try {
      const held = await this.repository.held(
        asked.map(({ claim }) => claim),
        this.wasAway || this.looks % looksPerBeat === 0,
      );
      this.wasAway = false;
      for (const { claim, lost } of asked) if (!held.has(claim.owner) && this.runs.has(claim.owner)) lost();
    } catch {
      // The database is away; the next look comes anyhow.
      this.wasAway = true;
    }
    this.timer = this.runs.size === 0 ? undefined : setTimeout(() => void this.look(), lookMs);
  }
}

import { setTimeout as wait } from 'node:timers/promises';
import { Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { Log, redact } from '../../observability/log.js';
import { LiveRunsRepository } from './live-runs.repository.js';
import type { OwnedRun } from './stored-answer.js';

/** A run is taken for dead after six of them (30 s). */
const beatMs = 5_000;

/** An end that could not be written is tried again as often as this, until the run is taken for dead anyhow. */
const againMs = 1_000;
const deadMs = 30_000;

/** How long a stopping process waits for the ends of its runs. */
const stopMs = 1_000;

/**
 * The runs of this process that hold an `Idempotency-Key`. As long as there is one, the database hears of all of them
 * every five seconds; when the process dies, their keys become free by themselves.
 */
@Injectable()
export class LiveRuns implements BeforeApplicationShutdown {
  private readonly runs = new Set<OwnedRun>();
  private timer: NodeJS.Timeout | undefined;
  private isStopped = false;

  constructor(
    private readonly repository: LiveRunsRepository,
    private readonly log: Log,
  ) {}

  add(run: OwnedRun): void {
    this.runs.add(run);
    this.timer ??= setInterval(() => void this.beat(), beatMs).unref();
  }

  /**
   * The run is over and `ending` writes that down. Never rejects: what cannot be written now is written as soon as the
   * database is back, so that a client's next attempt does not wait; after 30 s the key is free anyhow.
   */
  async end(run: OwnedRun, ending: () => Promise<unknown>): Promise<void> {
    try {
      await ending();
    } catch (error) {
      this.log.failure(new Error('the end of a run under an Idempotency-Key could not be written', { cause: error }), {
        request_id: run.owner,
      });
      this.again(ending, performance.now() + deadMs);
    }
    this.runs.delete(run);
    if (this.runs.size > 0) return;
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private again(ending: () => Promise<unknown>, deadline: number): void {
    if (this.isStopped || performance.now() > deadline) return;
    setTimeout(() => {
      ending().catch(() => this.again(ending, deadline));
    }, againMs).unref();
  }

  /** A process that stops in good order leaves no key behind: runs that were broken off just now are still ending. */
  async beforeApplicationShutdown(): Promise<void> {
    for (const deadline = performance.now() + stopMs; this.runs.size > 0 && performance.now() < deadline;) await wait(10);
    clearInterval(this.timer);
    this.isStopped = true;
  }

  private async beat(): Promise<void> {
    try {
      await this.repository.touch([...this.runs]);
    } catch (error) {
      this.log.warn('the signs of life of idempotent runs could not be written', { cause: redact(String(error)) });
    }
  }
}

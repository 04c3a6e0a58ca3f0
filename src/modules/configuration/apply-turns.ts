import { Injectable } from '@nestjs/common';
import { Config } from '../../config/config.module.js';
import { Permits } from '../../kernel/permits.js';

/**
 * Whose turn it is to apply. An apply holds a database connection for as long as it takes, so at most a quarter of the
 * pool's is used for applies, and those to one tenant wait for one another without holding any.
 */
@Injectable()
export class ApplyTurns {
  private readonly lastOf = new Map<string, Promise<unknown>>();
  private readonly places: Permits;

  constructor(config: Config) {
    this.places = new Permits(Math.max(1, Math.floor(config.GT_DATABASE_POOL / 4)));
  }

  /** Runs `work` when those before it for the same tenant are done and there is a place. */
  async take<T>(slug: string, work: () => Promise<T>): Promise<T> {
    const before = this.lastOf.get(slug) ?? Promise.resolve();
    const turn = before.then(() => this.places.run(work));
    const done = turn.then(
      () => undefined,
      () => undefined,
    );
    this.lastOf.set(slug, done);
    try {
      return await turn;
    } finally {
      if (this.lastOf.get(slug) === done) this.lastOf.delete(slug);
    }
  }
}

import { Injectable } from '@nestjs/common';
import { AppError } from '../../kernel/app-error.js';
import { FairPlaces } from '../../kernel/fair-places.js';
import { randomBase62 } from '../../kernel/ids.js';

/** What OWASP's Password Storage Cheat Sheet asks of Argon2id: 19 MiB, two passes, one lane. */
const cost = { algorithm: 2, memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

/** Each takes 19 MiB and one of the threads that files are read with, too: there are four. */
const places = 2;
const maxWaiting = 100;
const waitMs = 10_000;

/**
 * Hashes and compares passwords, in threads beside the event loop, two at once. Tenants share the places.
 * Every method throws AppError overloaded where there is no place in time.
 */
@Injectable()
export class Passwords {
  private readonly places = new FairPlaces({ places, maxWaiting, waitMs });
  private nobodys: Promise<string> | undefined;

  /** @returns the hash in PHC's form, with its salt and cost. */
  async hash(tenantId: string, password: string): Promise<string> {
    const { hash } = await import('@node-rs/argon2');
    return this.inPlace(tenantId, () => hash(password, cost));
  }

  /**
   * @param known null where there is no such account, or it has no password: that is compared too, with a hash of nobody's, and
   * takes as long.
   */
  async isRight(tenantId: string, known: string | null, password: string): Promise<boolean> {
    const { hash, verify } = await import('@node-rs/argon2');
    return this.inPlace(tenantId, async () => {
      this.nobodys ??= hash(randomBase62(32), cost);
      const isRight = await verify(known ?? (await this.nobodys), password);
      return known !== null && isRight;
    });
  }

  private async inPlace<T>(tenantId: string, work: () => Promise<T>): Promise<T> {
    const busy = (): AppError =>
      new AppError('overloaded', {
        message: 'Too many people are signing in right now. Please try again.',
        headers: { 'retry-after': '2' },
      });
    return this.places.run(tenantId, work, busy);
  }
}

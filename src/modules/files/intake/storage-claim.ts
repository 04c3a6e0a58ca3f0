import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { Log } from '../../../observability/log.js';
import { ObjectStore } from '../../../platform/storage/object-store.js';
import { InstallationRepository, type Installation } from './installation.repository.js';

/**
 * Whose the objects under this installation's id are. The first database that starts with the storage claims them there;
 * another one with the same id, a restored or copied one, uses them and removes none as an orphan before it has adopted
 * them: two databases must not erase each other's files.
 */
@Injectable()
export class StorageClaim implements OnApplicationBootstrap {
  private installation: Promise<Installation> | undefined;

  constructor(
    private readonly repository: InstallationRepository,
    private readonly store: ObjectStore,
    private readonly log: Log,
  ) {}

  /** Says in the log at every start when another database has the claim. Storage that is away is no matter here. */
  onApplicationBootstrap(): void {
    this.isOurs().catch(() => undefined);
  }

  /** The installation's id. It never changes, so it is read once. */
  async id(): Promise<string> {
    return (await this.own()).id;
  }

  /** Whether this database may sweep what is under its id; claims it when nobody has. When not, the log says what to do. */
  async isOurs(): Promise<boolean> {
    const { id, database } = await this.own();
    const owner = await this.store.claim(id, database);
    if (owner === database) return true;
    this.log.failure(
      new Error(
        `The storage's objects under ${id} are claimed by another database (${owner}; this one is ${database}). Nothing is ` +
          'swept there. If this database takes the place of the other one, end the other platform and run: npx --no -- gt storage adopt',
      ),
      {},
    );
    return false;
  }

  private own(): Promise<Installation> {
    const reading = (this.installation ??= this.repository.read());
    reading.catch(() => {
      if (this.installation === reading) this.installation = undefined;
    });
    return reading;
  }
}

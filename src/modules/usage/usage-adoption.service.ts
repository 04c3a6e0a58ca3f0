import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Adoption, type AdoptedFolder } from '../../platform/journal/adoption.js';
import { CallJournal } from '../../platform/journal/call-journal.js';
import { UsageDrainRepository } from './usage-drain.repository.js';

const intervalMs = 5_000;

/** Takes over the journals of processes that died, at the start and every five seconds, in every process. */
@Injectable()
export class UsageAdoptionService implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(UsageAdoptionService.name);
  private readonly adoption: Adoption;
  private timer: NodeJS.Timeout | undefined;
  private last: Promise<number> = Promise.resolve(0);
  private isStopped = false;

  constructor(
    journal: CallJournal,
    private readonly repository: UsageDrainRepository,
  ) {
    this.adoption = new Adoption({ root: journal.root, me: () => journal.instance });
  }

  /** Does not wait for what is found: a long journal must not hold up the start. */
  onApplicationBootstrap(): void {
    void this.tick();
  }

  async onApplicationShutdown(): Promise<void> {
    this.isStopped = true;
    clearTimeout(this.timer);
    await this.last.catch(() => 0);
  }

  /**
   * Writes every call of every abandoned journal to the database, then removes it; returns how many journals. What is
   * left undone by a failure, or by this process's own death, is done by a later run, here or elsewhere.
   * @throws Error of the file system or the database.
   */
  adoptAbandoned(): Promise<number> {
    const adopted = this.last.catch(() => 0).then(() => this.adopt());
    this.last = adopted;
    return adopted;
  }

  private async tick(): Promise<void> {
    try {
      await this.adoptAbandoned();
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.logger.error(`Journals of dead processes cannot be taken over: ${reason}; next attempt in ${intervalMs} ms.`);
    }
    if (!this.isStopped) this.timer = setTimeout(() => void this.tick(), intervalMs).unref();
  }

  private async adopt(): Promise<number> {
    const folders = await this.adoption.claimAbandoned();
    for (const folder of folders) await this.takeOver(folder);
    return folders.length;
  }

  private async takeOver(folder: AdoptedFolder): Promise<void> {
    const report = { damaged: 0 };
    let records = 0;
    for await (const group of folder.records(report)) {
      if (this.isStopped) return;
      await this.repository.write(group, []);
      records += group.length;
    }
    await folder.remove();
    this.logger.log(`Took over the journal ${folder.name} of a dead process: ${records} records, ${report.damaged} lines torn.`);
  }
}

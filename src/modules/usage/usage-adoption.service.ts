import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Adoption, type AdoptedFolder } from '../../platform/journal/adoption.js';
import { CallJournal } from '../../platform/journal/call-journal.js';
import { readRecords } from '../../platform/journal/journal-reader.js';
import type { KeptLines } from '../../platform/journal/kept-lines.js';
import { RecordKinds } from '../../platform/journal/record-kinds.js';
import { SlicesRepository } from '../spending/slices.repository.js';

const intervalMs = 5_000;

/**
 * Takes over the journals of processes that died, at the start and every five seconds, in every process; at the start also
 * what an earlier build could not read. What this build cannot read is kept apart and told.
 */
@Injectable()
export class UsageAdoptionService implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(UsageAdoptionService.name);
  private readonly adoption: Adoption;
  private readonly kept: KeptLines;
  private timer: NodeJS.Timeout | undefined;
  private last: Promise<number> = Promise.resolve(0);
  private isStopped = false;

  constructor(
    journal: CallJournal,
    private readonly kinds: RecordKinds,
    private readonly slices: SlicesRepository,
  ) {
    this.adoption = new Adoption({ root: journal.root, me: () => journal.instance, kinds });
    this.kept = journal.kept;
  }

  /** Does not wait for what is found: a long journal must not hold up the start. */
  onApplicationBootstrap(): void {
    this.last = this.readKept();
    void this.tick();
  }

  async onApplicationShutdown(): Promise<void> {
    this.isStopped = true;
    clearTimeout(this.timer);
    await this.last.catch(() => 0);
  }

  /**
   * Writes every record of every abandoned journal to where it belongs, then removes it; returns how many journals. What is
   * left undone by a failure, or by this process's own death, is done by a later run, here or elsewhere.
   * @throws Error of the file system or the database, when every journal has been tried.
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
      this.logger.error(`Journals of dead processes cannot be taken over: ${reasonOf(error)}; next attempt in ${intervalMs} ms.`);
    }
    if (!this.isStopped) this.timer = setTimeout(() => void this.tick(), intervalMs).unref();
  }

  private async adopt(): Promise<number> {
    const folders = await this.adoption.claimAbandoned();
    const failures: unknown[] = [];
    for (const folder of folders) await this.takeOver(folder).catch((error: unknown) => failures.push(error));
    if (failures.length > 0) throw failures[0];
    return folders.length;
  }

  private async takeOver(folder: AdoptedFolder): Promise<void> {
    const { name } = folder;
    let written = 0;
    let unreadable = 0;
    for await (const { records, unread } of folder.records()) {
      if (this.isStopped) return;
      await this.kinds.write(records);
      if (unread.length > 0) await this.kept.keep(name, unread, unreadable === 0);
      written += records.length;
      unreadable += unread.length;
    }
    const strangers = await folder.strangers();
    for (const stranger of strangers) await this.kept.keepFile(name, folder.path, stranger);
    await this.kept.settle(name);
    // All that its process spent of budgets is in the ledger: the rest is free again.
    await this.slices.closeOf(name);
    await folder.remove();
    this.logger.log(`Took over the journal ${name} of a dead process: ${written} records.`);
    if (unreadable + strangers.length > 0) this.tell(name, unreadable, strangers);
  }

  /**
   * Reads again what an earlier build kept apart. A file of which every line is read now is removed; any other stays as it is,
   * since a record that is written twice is one record. Several processes may do this at once.
   */
  private async readKept(): Promise<number> {
    try {
      for (const name of await this.kept.list()) await this.readKeptOf(name);
    } catch (error) {
      this.logger.error(`What was kept of journals cannot be read now: ${reasonOf(error)}; it is read at the next start.`);
    }
    return 0;
  }

  private async readKeptOf(name: string): Promise<void> {
    let unreadable = 0;
    for await (const { records, unread } of readRecords([this.kept.pathOf(name)], this.kinds)) {
      if (this.isStopped) return;
      await this.kinds.write(records);
      unreadable += unread.length;
    }
    if (unreadable > 0) return this.tell(name, unreadable, []);
    await this.kept.remove(name);
    this.logger.log(`Read what was kept of the journal ${name}.`);
  }

  private tell(name: string, lines: number, files: readonly string[]): void {
    this.logger.error(
      `The journal ${name} has ${lines} lines and ${files.length} files that this build cannot read. They are kept in ` +
        `${this.kept.folder}. A newer build may have written them: it reads them at its next start. Else they are damaged: ` +
        `look at them, then take them away.`,
    );
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

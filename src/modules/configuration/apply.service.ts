import { Injectable } from '@nestjs/common';
import type { ApplyObject, ApplyRequest, ApplyResult, TenantEntry } from '../../contracts/platform-file.js';
import { Log } from '../../observability/log.js';
import type { Transaction } from '../../platform/database/tenant-database.js';
import type { Applicant } from './applicant.js';
import { ApplyTurns } from './apply-turns.js';
import { ApplyReport, type OnProgress } from './apply-report.js';
import { ApplyTransactions } from './apply-transactions.repository.js';
import { AddressJudge, type JudgedAddresses } from './judged-addresses.js';
import { Sections } from './sections.js';
import { appliedIn } from './dry-run.js';
import { PlatformPrices } from './platform-prices.js';
import { inPlace, TenantRun } from './tenant-run.js';
import { TenantSettings } from './tenant-settings.js';
import { TenantStateRepository } from './tenant-state.repository.js';

type ApplyOptions = Omit<ApplyRequest, 'file'>;

/** A tenant's entry, its place in the file, and who hears how far it has come. */
interface Given {
  readonly entry: TenantEntry;
  readonly path: string;
  readonly report: ApplyReport;
}

/** Makes tenants match a file (contract section 8), each in one transaction: as a whole or not at all. */
@Injectable()
export class ApplyService {
  constructor(
    private readonly turns: ApplyTurns,
    private readonly addresses: AddressJudge,
    private readonly transactions: ApplyTransactions,
    private readonly settings: TenantSettings,
    private readonly states: TenantStateRepository,
    private readonly sections: Sections,
    private readonly prices: PlatformPrices,
    private readonly log: Log,
  ) {}

  /**
   * Takes the prices of the platform, then the tenants in the order of the file; the first that fails ends the run, those before it are done.
   * @param onProgress hears how far each tenant has come.
   * @throws AppError of the service that refused, with the path in the file.
   */
  async apply(
    applicant: Applicant,
    { file, ...options }: ApplyRequest,
    onProgress: OnProgress = () => undefined,
  ): Promise<ApplyObject> {
    const results: ApplyResult[] = [];
    if (file.prices !== undefined) results.push(...(await this.prices.apply(applicant, file.prices, options)));
    for (const [at, entry] of file.tenants.entries()) {
      const report = new ApplyReport(entry.slug, applicant.requestId, this.log, onProgress);
      results.push(...(await this.applyTenant(applicant, { entry, path: `tenants[${at}]`, report }, options)));
    }
    return { object: 'apply', changed: results.filter(({ action }) => action !== 'unchanged').length, results };
  }

  private async applyTenant(applicant: Applicant, given: Given, options: ApplyOptions): Promise<readonly ApplyResult[]> {
    const { entry, report } = given;
    const addresses = await this.addresses.judge(entry);
    const results = await appliedIn(
      (work) => this.turns.take(entry.slug, () => this.transactions.run(applicant.tenantId, entry.slug, work)),
      async (tx) => (await this.bring(tx, applicant, given, addresses, options.prune)).results,
      options.dry_run,
    );
    if (!options.dry_run) report.end();
    return results;
  }

  private async bring(
    tx: Transaction,
    applicant: Applicant,
    { entry, path, report }: Given,
    addresses: JudgedAddresses,
    prune: boolean,
  ): Promise<TenantRun> {
    const { actor, action, notices } = await inPlace(path, () => this.settings.bring(tx, applicant, entry));
    await this.transactions.enter(tx, actor.tenantId);
    const state = await this.states.read(tx, actor.tenantId);
    const run = new TenantRun(tx, actor, entry, path, addresses, state, prune, (count) => report.add(count));
    run.note('tenant', entry.slug, action, { id: actor.tenantId, notices });
    const sections = this.sections.of(run);
    const sizes = await Promise.all(sections.map((section) => section.sizes()));
    report.begin(sizes.reduce((sum, size) => sum + size.bring + (prune ? size.prune : 0), 0));
    for (const section of sections) await section.bring();
    await inPlace(path, () => this.settings.judgeReferences(tx, actor, entry));
    if (prune) for (const section of sections.toReversed()) await section.prune();
    return run;
  }
}

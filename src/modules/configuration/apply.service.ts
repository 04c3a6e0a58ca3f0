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

/** Ends the transaction of a dry run: all of it is undone, and what it would have done goes out with this. */
class DryRunEnd extends Error {
  constructor(readonly results: readonly ApplyResult[]) {
    super('dry run');
  }
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
    private readonly log: Log,
  ) {}

  /**
   * Takes the tenants in the order of the file; the first that fails ends the run, those before it are done.
   * @param onProgress hears how far each tenant has come.
   * @throws AppError of the service that refused, with the path in the file.
   */
  async apply(
    applicant: Applicant,
    { file, ...options }: ApplyRequest,
    onProgress: OnProgress = () => undefined,
  ): Promise<ApplyObject> {
    const results: ApplyResult[] = [];
    for (const [at, entry] of file.tenants.entries()) {
      const report = new ApplyReport(entry.slug, applicant.requestId, this.log, onProgress);
      results.push(...(await this.applyTenant(applicant, { entry, path: `tenants[${at}]`, report }, options)));
    }
    return { object: 'apply', changed: results.filter(({ action }) => action !== 'unchanged').length, results };
  }

  private async applyTenant(applicant: Applicant, given: Given, options: ApplyOptions): Promise<readonly ApplyResult[]> {
    const { entry, report } = given;
    try {
      const addresses = await this.addresses.judge(entry);
      const results = await this.turns.take(entry.slug, () =>
        this.transactions.run(applicant.tenantId, entry.slug, async (tx) => {
          const { results } = await this.bring(tx, applicant, given, addresses, options.prune);
          if (options.dry_run) throw new DryRunEnd(results);
          return results;
        }),
      );
      report.end();
      return results;
    } catch (error) {
      if (error instanceof DryRunEnd) return error.results.map(planned);
      throw error;
    }
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

/** What a dry run tells: nothing that was made and undone again has an id or a secret. */
function planned({ secret: _secret, ...result }: ApplyResult): ApplyResult {
  return result.action === 'created' ? { ...result, id: null } : result;
}

import { Injectable } from '@nestjs/common';
import type { ApplyObject, ApplyRequest, ApplyResult, TenantEntry } from '../../contracts/platform-file.js';
import type { Transaction } from '../../platform/database/tenant-database.js';
import type { Applicant } from './applicant.js';
import { ApplyTurns } from './apply-turns.js';
import { ApplyTransactions } from './apply-transactions.repository.js';
import { AddressJudge, type JudgedAddresses } from './judged-addresses.js';
import { Sections } from './sections.js';
import { inPlace, TenantRun } from './tenant-run.js';
import { TenantSettings } from './tenant-settings.js';
import { TenantStateRepository } from './tenant-state.repository.js';

type ApplyOptions = Omit<ApplyRequest, 'file'>;

/** Ends the transaction of a dry run: all of it is undone, and what it would have done goes out with this. */
class DryRunEnd extends Error {
  constructor(readonly results: readonly ApplyResult[]) {
    super('dry run');
  }
}

/** Makes tenants match a file (contract section 8), each in one transaction: as a whole or not at all. */
@Injectable()
export class PlatformFileService {
  constructor(
    private readonly turns: ApplyTurns,
    private readonly addresses: AddressJudge,
    private readonly transactions: ApplyTransactions,
    private readonly settings: TenantSettings,
    private readonly states: TenantStateRepository,
    private readonly sections: Sections,
  ) {}

  /**
   * Takes the tenants in the order of the file; the first that fails ends the run, those before it are done.
   * @throws AppError of the service that refused, with the path in the file.
   */
  async apply(applicant: Applicant, { file, ...options }: ApplyRequest): Promise<ApplyObject> {
    const results: ApplyResult[] = [];
    for (const [at, entry] of file.tenants.entries()) {
      results.push(...(await this.applyTenant(applicant, entry, `tenants[${at}]`, options)));
    }
    return { object: 'apply', changed: results.filter(({ action }) => action !== 'unchanged').length, results };
  }

  private async applyTenant(
    applicant: Applicant,
    entry: TenantEntry,
    path: string,
    options: ApplyOptions,
  ): Promise<readonly ApplyResult[]> {
    try {
      const addresses = await this.addresses.judge(entry);
      return await this.turns.take(entry.slug, () =>
        this.transactions.run(applicant.tenantId, entry.slug, async (tx) => {
          const { results } = await this.bring(tx, applicant, { entry, path, addresses, prune: options.prune });
          if (options.dry_run) throw new DryRunEnd(results);
          return results;
        }),
      );
    } catch (error) {
      if (error instanceof DryRunEnd) return error.results.map(planned);
      throw error;
    }
  }

  private async bring(
    tx: Transaction,
    applicant: Applicant,
    given: { entry: TenantEntry; path: string; addresses: JudgedAddresses; prune: boolean },
  ): Promise<TenantRun> {
    const { entry, path, addresses, prune } = given;
    const { actor, action, notices } = await inPlace(path, () => this.settings.bring(tx, applicant, entry));
    await this.transactions.enter(tx, actor.tenantId);
    const state = await this.states.read(tx, actor.tenantId);
    const run = new TenantRun(tx, actor, entry, path, addresses, state, prune);
    run.note('tenant', entry.slug, action, { id: actor.tenantId, notices });
    const sections = this.sections.of(run);
    for (const section of sections) await section.bring();
    if (prune) for (const section of sections.toReversed()) await section.prune();
    return run;
  }
}

/** What a dry run tells: nothing that was made and undone again has an id or a secret. */
function planned({ secret: _secret, ...result }: ApplyResult): ApplyResult {
  return result.action === 'created' ? { ...result, id: null } : result;
}

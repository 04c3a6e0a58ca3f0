import { Injectable } from '@nestjs/common';
import { Config } from '../../config/config.module.js';
import { AppError } from '../../kernel/app-error.js';
import { Log } from '../../observability/log.js';
import { faultPoint } from '../../platform/fault-point.js';
import { ErasuresRepository, type TakenErasure } from './erasures.repository.js';
import { ErasureSearch, keptTables } from './erasure-search.js';
import { TenantLeftovers } from './tenant-leftovers.js';
import { TenantRowsRepository } from './tenant-rows.repository.js';

const beatMs = 5_000;

/** Makes erasures, in workers. Each step may be done again: whoever comes after a crash begins from the first one. */
@Injectable()
export class ErasureRunner {
  constructor(
    private readonly repository: ErasuresRepository,
    private readonly rows: TenantRowsRepository,
    private readonly leftovers: TenantLeftovers,
    private readonly searching: ErasureSearch,
    private readonly log: Log,
    private readonly config: Config,
  ) {}

  /** Makes an erasure, unless it is over or another worker has it. */
  async run(id: string, signal: AbortSignal): Promise<void> {
    const taken = await this.repository.take(id);
    if (taken !== undefined) await this.runTaken(taken, signal);
  }

  private async runTaken(taken: TakenErasure, signal: AbortSignal): Promise<void> {
    const beat = setInterval(() => void this.repository.hold(taken.id).catch(() => undefined), beatMs);
    try {
      await this.erase(taken, signal);
    } catch (error) {
      this.log.failure(error, { erasure: taken.id });
      await this.repository.again(taken.id, failureOf(error));
    } finally {
      clearInterval(beat);
    }
  }

  private async erase(taken: TakenErasure, signal: AbortSignal): Promise<void> {
    const { id, tenant } = taken;
    this.reached('erasure.taken');
    await this.rows.deleteAll(tenant, Object.keys(keptTables), signal);
    this.reached('erasure.after-rows');
    await this.leftovers.remove(tenant);
    this.reached('erasure.after-objects');
    const proof = await this.searching.search(taken, signal);
    this.reached('erasure.after-search');
    if (proof.rows + proof.objects + proof.jobs === 0) await this.repository.done(id, proof);
    else await this.repository.again(id, 'Something is left.', proof);
  }

  private reached(step: string): void {
    faultPoint(this.config.GT_FAULT_POINT, step);
  }
}

/** What an operator may read of an error: nothing of drivers. */
function failureOf(error: unknown): string {
  return error instanceof AppError ? error.message : 'See the log of the worker.';
}

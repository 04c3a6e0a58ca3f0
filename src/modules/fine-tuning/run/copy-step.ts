import { Injectable } from '@nestjs/common';
import { Config } from '../../../config/config.module.js';
import { AppError } from '../../../kernel/app-error.js';
import { faultPoint } from '../../../platform/fault-point.js';
import { TenantFiles } from '../../files/tenant/tenant-files.service.js';
import type { AskedProvider } from '../../provider-jobs/asked-provider.js';
import { ProviderFiles } from '../../provider-jobs/provider-files.js';
import type { ProviderFile } from '../../provider-jobs/provider-objects.js';
import { fileFault, unusableFile } from '../file-faults.js';
import type { TuningRecord } from '../record/tuning-record.js';
import { failed, untilLater, type StepEnd } from './step-end.js';
import type { TuningRun } from './tuning-run.js';

/** The two files that a job may have. */
const roles = {
  training: { id: 'trainingFile', key: 'trainingKey', copy: 'trainingCopy', tries: 'trainingTries', param: 'training_file' },
  validation: {
    id: 'validationFile',
    key: 'validationKey',
    copy: 'validationCopy',
    tries: 'validationTries',
    param: 'validation_file',
  },
} as const;

export type FileRole = keyof typeof roles;

const purpose = 'fine-tune';
const judged: ReadonlySet<string> = new Set(['processed', 'succeeded']);
const refusedStates: ReadonlySet<string> = new Set(['error', 'failed', 'deleted']);
/** After so many looks the provider may judge the file together with the job. */
const mostLooks = 30;

/**
 * Copies a job's files to its provider, as they are read. A copy that a dead run began is looked for by its name, which no
 * other file has: it is taken where it is whole, and removed where it is not.
 */
@Injectable()
export class CopyStep {
  constructor(
    private readonly provider: ProviderFiles,
    private readonly files: TenantFiles,
    private readonly config: Config,
  ) {}

  async take(run: TuningRun): Promise<StepEnd> {
    const looks = run.job.failures;
    for (const role of ['training', 'validation'] as const) {
      const { id, copy, param } = roles[role];
      const fileId = run.job[id];
      if (fileId === null) continue;
      const file = await this.files.find(run.claim.tenantId, fileId);
      if (file?.state === 'stored' && looks < mostLooks) return untilLater(run.pollMs);
      if (file?.state === 'failed') return failed(fileFault(param, unusableFile(file)));
      try {
        if (run.job[copy] === null) await this.copy(run, role);
      } catch (error) {
        if (!(error instanceof AppError && error.code === 'not_found')) throw error;
        return failed(fileFault(param, `The content of the file ${fileId} is gone.`));
      }
      if (run.job.cancelWanted) break;
    }
    if (run.job.cancelWanted) {
      await run.write(() => ({ step: 'clean', failures: 0 }));
      return 'again';
    }
    return this.untilJudged(run);
  }

  /** Removes what was copied, twice copied too. */
  async remove(run: TuningRun): Promise<void> {
    const asked = await run.asked();
    for (const role of ['training', 'validation'] as const) {
      const { copy, tries } = roles[role];
      const known = run.job[copy];
      const others =
        run.job[tries] > (known === null ? 0 : 1) ? await this.provider.named(asked, purpose, nameOf(run.job, role)) : [];
      for (const id of new Set([...(known === null ? [] : [known]), ...others.map((file) => file.id)]))
        await this.provider.remove(asked, id);
    }
  }

  /** @throws AppError not_found when the content of the tenant's file is gone. */
  private async copy(run: TuningRun, role: FileRole): Promise<void> {
    const { key, copy, tries } = roles[role];
    const asked = await run.asked();
    const left = run.job[tries] > 0 ? await this.left(asked, run, role) : undefined;
    if (left !== undefined) {
      await run.write(() => ({ [copy]: left.id, failures: 0 }));
      return;
    }
    await run.write((job) => ({ [tries]: job[tries] + 1 }));
    this.reach('tuning.before-copy');
    const content = await this.files.open({ storageKey: run.job[key] ?? '' });
    try {
      const made = await this.provider.upload(asked, { purpose, filename: nameOf(run.job, role) }, content);
      this.reach('tuning.after-copy');
      await run.write(() => ({ [copy]: made.id, failures: 0 }));
    } finally {
      content.destroy();
    }
  }

  /** What dead runs have left: the first whole copy is taken, all others are removed. */
  private async left(asked: AskedProvider, run: TuningRun, role: FileRole): Promise<ProviderFile | undefined> {
    const found = await this.provider.named(asked, purpose, nameOf(run.job, role));
    const file = await this.files.find(run.claim.tenantId, run.job[roles[role].id] ?? '');
    const bytes = file === null ? undefined : Number(file.bytes);
    const whole = found.find((one) => bytes !== undefined && one.bytes === bytes && !refusedStates.has(one.status ?? ''));
    for (const one of found) if (one.id !== whole?.id) await this.provider.remove(asked, one.id);
    return whole;
  }

  private async untilJudged(run: TuningRun): Promise<StepEnd> {
    const asked = await run.asked();
    const looks = run.job.failures;
    for (const role of ['training', 'validation'] as const) {
      const { copy, param, id } = roles[role];
      const copyId = run.job[copy];
      if (copyId === null) continue;
      const { status } = await this.provider.file(asked, copyId);
      if (status == null || judged.has(status)) continue;
      if (refusedStates.has(status)) return failed(fileFault(param, `The provider cannot use the file ${run.job[id] ?? ''}.`));
      if (looks >= mostLooks) break;
      await run.write((job) => ({ failures: job.failures + 1 }));
      return untilLater(run.pollMs);
    }
    await run.write((job) => ({ step: job.cancelWanted ? 'clean' : 'create', failures: 0 }));
    return 'again';
  }

  private reach(step: string): void {
    faultPoint(this.config.GT_FAULT_POINT, step);
  }
}

/** No other file has this name. It tells the provider nothing of the tenant. */
function nameOf({ id }: TuningRecord, role: FileRole): string {
  return `${id}-${role}.jsonl`;
}

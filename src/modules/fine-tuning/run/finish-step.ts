import { Injectable } from '@nestjs/common';
import { pipeline } from 'node:stream/promises';
import { Config } from '../../../config/config.module.js';
import { modalities } from '../../../contracts/scopes.js';
import { faultPoint } from '../../../platform/fault-point.js';
import type { Transaction } from '../../../platform/database/tenant-database.js';
import { TunedEndpoints } from '../../agents/tuned-endpoints.service.js';
import { MadeFiles } from '../../files/tenant/made-files.service.js';
import { EgressError } from '../../../platform/upstream/json-call.js';
import { ProviderFault } from '../../provider-jobs/provider-fault.js';
import type { AskedProvider } from '../../provider-jobs/asked-provider.js';
import { ProviderFiles } from '../../provider-jobs/provider-files.js';
import { TuningProvider } from '../provider/tuning-provider.js';
import type { TuningChange } from '../record/tuning-jobs.repository.js';
import type { TuningRecord } from '../record/tuning-record.js';
import { LimitedBytes } from './limited-bytes.js';
import type { StepEnd } from './step-end.js';
import type { TuningRun } from './tuning-run.js';

const mostResults = 16;
/** A result file is a table of figures. */
const mostResultBytes = 256 * 1024 * 1024;
const plainName = /^[a-z][a-z0-9_-]{0,40}\.(?:csv|jsonl|json|txt)$/i;

/** Brings home what a job has made: its result files, each once, and its model. */
@Injectable()
export class FinishStep {
  constructor(
    private readonly provider: TuningProvider,
    private readonly files: ProviderFiles,
    private readonly made: MadeFiles,
    private readonly endpoints: TunedEndpoints,
    private readonly config: Config,
  ) {}

  async take(run: TuningRun): Promise<StepEnd> {
    const asked = await run.asked();
    const { result_files: results } = await this.provider.job(asked, run.job.providerJob ?? '');
    for (const source of (results ?? []).slice(0, mostResults))
      if (!run.job.resultSources.includes(source)) await this.bring(run, asked, source);
    await this.end(run, asked);
    return 'again';
  }

  /** Ends a job whose results cannot be had: its model is there all the same. */
  async endWithoutResults(run: TuningRun): Promise<void> {
    await this.end(run, await run.asked().catch(() => undefined));
  }

  private async bring(run: TuningRun, asked: AskedProvider, source: string): Promise<void> {
    const { filename } = await this.files.file(asked, source);
    const place = run.job.resultFiles.length + 1;
    const writer = await this.made.begin(run.claim.tenantId, {
      purpose: 'fine-tune-results',
      filename: plainName.test(filename ?? '') ? (filename ?? '') : `results-${place}.csv`,
      mediaType: 'text/csv',
      keyId: run.job.keyId,
      expiresAt: null,
    });
    try {
      const content = await this.files.content(asked, source);
      await pipeline(content, new LimitedBytes(mostResultBytes), writer.stream, { end: false, signal: run.signal });
      this.reach('tuning.after-result');
      await writer.commit((tx, file) =>
        run.writeIn(tx, (job) => ({
          resultSources: [...job.resultSources, source],
          resultFiles: [...job.resultFiles, file.id],
          failures: 0,
        })),
      );
    } catch (error) {
      await writer.abort();
      if (error instanceof EgressError) throw new ProviderFault('away', false, 'The provider broke off.', { cause: error });
      throw error;
    }
  }

  private async end(run: TuningRun, asked: AskedProvider | undefined): Promise<void> {
    const { tuning, hasDeployments = true } = asked?.connection ?? {};
    this.reach('tuning.before-end');
    await run.write(async (job, tx) => {
      if (job.providerModel === null)
        return {
          status: 'failed',
          step: 'clean',
          failures: 0,
          error: { code: 'server_error', message: 'The job has succeeded, and its provider names no model.', param: null },
        };
      if (tuning?.publishFineTuned === true && !hasDeployments) await this.publish(tx, job, job.providerModel);
      return this.success(job);
    });
  }

  private success({ tunedName, finishedAt }: TuningRecord): TuningChange {
    return {
      status: 'succeeded',
      step: 'clean',
      failures: 0,
      fineTunedModel: tunedName,
      modelState: 'live',
      finishedAt: finishedAt ?? new Date(),
    };
  }

  private async publish(tx: Transaction, job: TuningRecord, model: string): Promise<void> {
    const { tenantId, id, keyId, tunedName: name, connectionId } = job;
    const actor = { tenantId, name: `${id} (${keyId})`, requestId: '', address: null };
    const served = modalities.filter((modality) => job.modalities.includes(modality));
    await this.endpoints.publishIn(tx, actor, { name, connectionId, model }, served);
  }

  private reach(step: string): void {
    faultPoint(this.config.GT_FAULT_POINT, step);
  }
}

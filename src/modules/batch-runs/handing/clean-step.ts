import { Injectable } from '@nestjs/common';
import { ProviderFiles } from '../../provider-jobs/provider-files.js';
import type { HandoverRun, StepEnd } from './handover-run.js';
import { SendStep } from './send-step.js';

/** Removes what stands at the provider of a batch that has ended: its input, and the files with the answers. */
@Injectable()
export class CleanStep {
  constructor(
    private readonly files: ProviderFiles,
    private readonly send: SendStep,
  ) {}

  async take(run: HandoverRun): Promise<StepEnd> {
    const { fileTries, outputFile, errorFile } = run.handover;
    if (fileTries > 0) {
      const asked = await run.asked();
      await this.send.remove(run, asked);
      for (const id of [outputFile, errorFile]) if (id !== null) await this.files.remove(asked, id);
    }
    run.reach('batch.after-clean');
    await run.write({ step: 'done', failures: 0 });
    return 'again';
  }
}

import { Injectable } from '@nestjs/common';
import type { HandoverChange } from '../../batches/batch-handover.js';
import { BatchHandoversRepository } from '../../batches/batch-handovers.repository.js';
import { HandedLinesRepository } from '../../batches/handed-lines.repository.js';
import { ContentHolds } from '../../files/intake/content-holds.js';
import type { AskedProvider } from '../../provider-jobs/asked-provider.js';
import { ProviderFault } from '../../provider-jobs/provider-fault.js';
import { HandedCalls } from './handed-calls.js';
import type { HandoverRun, StepEnd } from './handover-run.js';
import type { ProviderBatch } from './provider-batch.js';
import { ProviderBatches } from './provider-batches.js';
import { errorsTold, stateTold, toldOf, type ToldState } from './told-batch.js';

/** While nothing changes the pauses grow to so many times the first. */
const longestPause = 8;

/** Asks a provider how far a batch is, and ends it there where it is cancelled, over, or its key has lost its right. */
@Injectable()
export class FollowStep {
  constructor(
    private readonly provider: ProviderBatches,
    private readonly handovers: BatchHandoversRepository,
    private readonly lines: HandedLinesRepository,
    private readonly holds: ContentHolds,
    private readonly calls: HandedCalls,
  ) {}

  async take(run: HandoverRun): Promise<StepEnd> {
    const asked = await run.asked();
    const told = await this.provider.get(asked, run.handover.providerBatch ?? '');
    const state = stateTold(told);
    if (state === 'failed') return this.refused(run, asked, told);
    if (state === 'completed' || state === 'expired' || state === 'cancelled') return this.ended(run, told, state);
    await this.endThere(run, asked, state);
    const { polls } = run.handover;
    const isNews = await this.keep(run, told, state);
    await run.write({ failures: 0, polls: isNews ? 0 : Math.min(polls + 1, 30) });
    return { waitMs: Math.min(run.pollMs * 2 ** run.handover.polls, run.pollMs * longestPause) };
  }

  /** @returns whether the batch has changed. */
  private async keep(run: HandoverRun, told: ProviderBatch, state: ToldState | undefined): Promise<boolean> {
    if (state !== 'running' && state !== 'finalizing') return false;
    const { completed, failed } = run.batch;
    const counts = { completed: told.request_counts?.completed ?? 0, failed: told.request_counts?.failed ?? 0 };
    await run.within(async (tx) => {
      await this.handovers.acknowledge(tx, run.batch);
      await this.handovers.tell(tx, run.batch, counts);
      if (state === 'finalizing') await this.handovers.finalize(tx, run.batch);
    });
    return completed + failed < counts.completed + counts.failed;
  }

  private async endThere(run: HandoverRun, asked: AskedProvider, state: ToldState | undefined): Promise<void> {
    if (run.handover.cancelSent || state === 'finalizing') return;
    if (!run.isEnding && (await this.calls.refusal(run.batch)) === undefined) return;
    try {
      await this.provider.cancel(asked, run.handover.providerBatch ?? '');
    } catch (error) {
      // One that is at its end already is not cancelled.
      if (!(error instanceof ProviderFault) || error.kind !== 'refused') throw error;
    }
    await run.write({ cancelSent: true });
    run.reach('batch.after-cancel');
  }

  private async ended(run: HandoverRun, told: ProviderBatch, endedAs: NonNullable<HandoverChange['endedAs']>): Promise<StepEnd> {
    const fileOf = (id: string | null | undefined): string | null => (id == null || id === '' ? null : id);
    const change: HandoverChange = {
      // One that was cancelled since its key has lost its right is completed with the errors of that.
      endedAs: endedAs === 'cancelled' && run.handover.cancelSent && !run.isEnding ? 'completed' : endedAs,
      outputFile: fileOf(told.output_file_id),
      errorFile: fileOf(told.error_file_id),
      step: 'collect',
      failures: 0,
    };
    await run.write(change, (tx) => this.handovers.acknowledge(tx, run.batch));
    return 'again';
  }

  /** The provider has found its input wrong: the batch fails with what it says, unless it is ended anyhow. */
  private async refused(run: HandoverRun, { connection }: AskedProvider, told: ProviderBatch): Promise<StepEnd> {
    const places = (told.errors?.data ?? []).flatMap(({ line }) => (line == null ? [] : [line]));
    const cleaned = { ...toldOf(run.handover, run.batch), secrets: connection.secretTexts };
    await run.write({ step: 'clean', failures: 0 }, async (tx) => {
      const numbers = await this.lines.numbersAt(tx, run.batch, places);
      const errors = errorsTold(told, cleaned, (place) => numbers.get(place));
      const isFailed = await this.handovers.refuse(tx, run.batch, errors);
      if (isFailed) await this.holds.release(tx, run.batch.tenantId, run.batch.id);
      else await this.handovers.acknowledge(tx, run.batch);
    });
    return 'again';
  }
}

import { Injectable } from '@nestjs/common';
import { BatchHandoversRepository } from '../../batches/batch-handovers.repository.js';
import { BatchesRepository } from '../../batches/batches.repository.js';
import type { AskedProvider } from '../../provider-jobs/asked-provider.js';
import { ProviderFault } from '../../provider-jobs/provider-fault.js';
import { ProviderFiles } from '../../provider-jobs/provider-files.js';
import type { HandoverRun, StepEnd } from './handover-run.js';
import type { ProviderBatch } from './provider-batch.js';
import { ProviderBatches } from './provider-batches.js';
import { WrittenLines } from './written-lines.js';

/** A batch that was asked for may come late into the provider's list: it is looked for so often, further and further apart. */
const mostLooks = 3;

/**
 * Gives a batch to its provider: the requests in a file, then the batch. That it is asked for is committed before: a run that
 * died then is followed by one that looks for the batch, by a mark and by its file, before it asks again.
 */
@Injectable()
export class SendStep {
  constructor(
    private readonly files: ProviderFiles,
    private readonly provider: ProviderBatches,
    private readonly written: WrittenLines,
    private readonly batches: BatchesRepository,
    private readonly handovers: BatchHandoversRepository,
  ) {}

  async take(run: HandoverRun): Promise<StepEnd> {
    if (run.handover.sentAt !== null) return this.look(run, await run.asked());
    if (run.isEnding) {
      await run.write({ step: 'clean', failures: 0 }, (tx) => this.handovers.acknowledge(tx, run.batch));
      return 'again';
    }
    const asked = await run.asked();
    if (run.handover.providerFile === null && !(await this.copy(run, asked))) {
      await run.write({ step: 'clean', failures: 0 }, async (tx) => {
        await this.batches.begin(tx, run.batch);
        await this.handovers.acknowledge(tx, run.batch);
      });
      return 'again';
    }
    // It may have been cancelled while its requests were copied.
    return run.isEnding ? 'again' : this.create(run, asked);
  }

  /** Removes what stands at the provider of the input, twice begun too. */
  async remove(run: HandoverRun, asked: AskedProvider): Promise<void> {
    const { providerFile, fileTries } = run.handover;
    const others = fileTries > (providerFile === null ? 0 : 1) ? await this.named(run, asked) : [];
    for (const id of new Set([...(providerFile === null ? [] : [providerFile]), ...others])) await this.files.remove(asked, id);
  }

  private async named(run: HandoverRun, asked: AskedProvider): Promise<string[]> {
    return (await this.files.named(asked, 'batch', nameOf(run))).map(({ id }) => id);
  }

  /** @returns false where all requests are refused: there is nothing to copy. */
  private async copy(run: HandoverRun, asked: AskedProvider): Promise<boolean> {
    if (run.handover.fileTries > 0) await this.remove(run, asked);
    let endpoint = '';
    const text = this.written.of(run, (name) => {
      endpoint = name;
    });
    const first = await text.next();
    if (first.done === true) return false;
    await run.write({ fileTries: run.handover.fileTries + 1 });
    run.reach('batch.before-copy');
    const source = new Watched(first.value, text);
    try {
      const made = await this.files.upload(asked, { purpose: 'batch', filename: nameOf(run) }, source);
      run.reach('batch.after-copy');
      await run.write({ providerFile: made.id, providerEndpoint: endpoint, failures: 0 });
      return true;
    } catch (error) {
      throw source.failure ?? error;
    } finally {
      await text.return();
    }
  }

  private async create(run: HandoverRun, asked: AskedProvider): Promise<StepEnd> {
    const { providerFile, providerEndpoint } = run.handover;
    await run.write({ sentAt: new Date() });
    run.reach('batch.after-mark');
    let made: ProviderBatch;
    try {
      made = await this.provider.create(asked, run.batch.id, providerFile ?? '', providerEndpoint ?? '');
    } catch (error) {
      // It says itself that it has done nothing.
      if (error instanceof ProviderFault && !error.mayBeDone) await run.write({ sentAt: null });
      throw error;
    }
    run.reach('batch.after-create');
    return this.keep(run, made);
  }

  private async look(run: HandoverRun, asked: AskedProvider): Promise<StepEnd> {
    const { providerFile, failures } = run.handover;
    const found = await this.provider.find(asked, run.batch.id, providerFile ?? '');
    if (found !== undefined) return this.keep(run, found);
    if (failures >= mostLooks) {
      await run.write({ sentAt: null, failures: 0 });
      return 'again';
    }
    await run.write({ failures: failures + 1 });
    return { waitMs: run.pollMs * 2 ** failures };
  }

  private async keep(run: HandoverRun, made: ProviderBatch): Promise<StepEnd> {
    await run.write({ providerBatch: made.id, step: 'follow', failures: 0, polls: 0 });
    return 'again';
  }
}

/** No other file has this name. It tells the provider nothing of the tenant. */
function nameOf({ batch }: HandoverRun): string {
  return `${batch.id}.jsonl`;
}

/** A content that remembers what broke it: a call that sends it tells only that it broke. */
class Watched implements AsyncIterable<Buffer> {
  failure: unknown;

  constructor(
    private readonly first: Buffer,
    private readonly rest: AsyncGenerator<Buffer, void>,
  ) {}

  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer, void> {
    yield this.first;
    try {
      yield* this.rest;
    } catch (error) {
      this.failure = error;
      throw error;
    }
  }
}

import { Injectable } from '@nestjs/common';
import { AppError } from '../../../kernel/app-error.js';
import { EgressError } from '../../../platform/upstream/json-call.js';
import type { ClaimedLine } from '../../batches/batch-lines.repository.js';
import { BatchHandoversRepository } from '../../batches/batch-handovers.repository.js';
import { HandedLinesRepository, type HandedResult } from '../../batches/handed-lines.repository.js';
import { ProviderFault } from '../../provider-jobs/provider-fault.js';
import { ProviderFiles } from '../../provider-jobs/provider-files.js';
import { linesOf } from '../jsonl-lines.js';
import { LineBodies } from '../line-bodies.js';
import { unmadeLine } from '../output-line.js';
import { AnsweredLines } from './answered-lines.js';
import { HandedCalls } from './handed-calls.js';
import type { HandoverRun, StepEnd } from './handover-run.js';
import { readProviderLine, type ProviderLine } from './provider-line.js';

/** A longer line of a provider's is passed over: an answer of a call may have 32 MiB. */
const mostLineBytes = 33 * 1024 * 1024;
/** So many answers are read back at a time, and so many bytes of them and of their requests are in memory. */
const mostOfGroup = 64;
const mostBytes = 8 * 1024 * 1024;
const leftPage = { lines: 500, bytes: Number.MAX_SAFE_INTEGER };

/**
 * Brings home what a provider has answered: its files are read as they come, and each answer is kept in its request's row, many
 * in one commit. A run that died is followed by one that reads them again: what has an answer keeps it.
 */
@Injectable()
export class CollectStep {
  constructor(
    private readonly files: ProviderFiles,
    private readonly lines: HandedLinesRepository,
    private readonly handovers: BatchHandoversRepository,
    private readonly bodies: LineBodies,
    private readonly answers: AnsweredLines,
    private readonly calls: HandedCalls,
  ) {}

  async take(run: HandoverRun): Promise<StepEnd> {
    const { outputFile, errorFile } = run.handover;
    for (const file of [outputFile, errorFile]) if (file !== null) await this.read(run, file);
    await this.end(run);
    return 'again';
  }

  /** Ends a batch of which nothing more is to be had. Requests that have no answer end as the batch does. */
  async end(run: HandoverRun): Promise<void> {
    const refusal = await this.calls.refusal(run.batch);
    if (refusal !== undefined) await this.refuseLeft(run, refusal);
    run.reach('batch.before-collected');
    // Where the provider told of no end, the window may be over since the run began.
    const endsAs = run.handover.endedAs ?? (run.batch.windowEndsAt.getTime() < Date.now() ? 'expired' : 'completed');
    await run.write({ step: 'clean', failures: 0 }, (tx) => this.handovers.collected(tx, run.batch, endsAs));
    run.reach('batch.after-collected');
  }

  private async read(run: HandoverRun, fileId: string): Promise<void> {
    try {
      const content = await this.files.content(await run.asked(), fileId);
      let group: ProviderLine[] = [];
      let bytes = 0;
      for await (const line of linesOf(content, mostLineBytes)) {
        const read = line.bytes === undefined ? undefined : readProviderLine(line.bytes);
        if (read === undefined) continue;
        group.push(read);
        bytes += read.answer?.body.length ?? 0;
        if (group.length < mostOfGroup && bytes < mostBytes) continue;
        await this.keep(run, group);
        group = [];
        bytes = 0;
      }
      await this.keep(run, group);
    } catch (error) {
      // Its requests have no answers.
      if (error instanceof ProviderFault && error.kind === 'absent') return;
      if (error instanceof EgressError) throw new ProviderFault('away', false, 'The provider broke off.', { cause: error });
      throw error;
    }
  }

  private async keep(run: HandoverRun, group: readonly ProviderLine[]): Promise<void> {
    const byNumber = new Map<number, ProviderLine>();
    for (const line of group) if (!byNumber.has(line.number)) byNumber.set(line.number, line);
    const open = await run.within((tx) => this.lines.among(tx, run.batch, [...byNumber.keys()]));
    const results: HandedResult[] = [];
    for (const part of partsOf(open)) {
      const opened = await this.bodies.of(run.batch.storageKey, part);
      const made = opened.flatMap((line) => {
        const told = byNumber.get(line.number);
        return told === undefined ? [] : [this.answers.of(run, line, told)];
      });
      results.push(...(await Promise.all(made)));
    }
    if (results.length === 0) return;
    run.reach('batch.before-answers');
    await run.within((tx) => this.lines.settle(tx, run.batch, results));
    run.reach('batch.after-answers');
  }

  /** The key may make no such calls any more: what has no answer ends with that. */
  private async refuseLeft(run: HandoverRun, { code, message }: AppError): Promise<void> {
    for (let after = 0; ;) {
      const left = await run.within((tx) => this.lines.pending(tx, run.batch, after, leftPage));
      const last = left.at(-1);
      if (last === undefined) return;
      after = last.number;
      const results = left.map(({ number, customId }): HandedResult => ({
        number,
        state: 'failed',
        answer: unmadeLine(customId, { code, message }),
        tokens: undefined,
      }));
      await run.within((tx) => this.lines.settle(tx, run.batch, results));
    }
  }
}

/** Requests in their order, in parts whose bodies have so many bytes together, or one that has more. */
function partsOf(lines: readonly ClaimedLine[]): ClaimedLine[][] {
  const parts: ClaimedLine[][] = [];
  let bytes = Infinity;
  for (const line of lines) {
    if (bytes + line.bodyBytes > mostBytes) {
      parts.push([]);
      bytes = 0;
    }
    parts.at(-1)?.push(line);
    bytes += line.bodyBytes;
  }
  return parts;
}

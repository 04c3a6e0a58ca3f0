import { Injectable } from '@nestjs/common';
import { setTimeout as wait } from 'node:timers/promises';
import { AppError } from '../../../kernel/app-error.js';
import { newId } from '../../../kernel/ids.js';
import { HandedLinesRepository, type HandedResult } from '../../batches/handed-lines.repository.js';
import { NotHandedOnError } from '../../inference/call/given-answer.js';
import { LineBodies, type OpenLine } from '../line-bodies.js';
import { failedLine } from '../failed-line.js';
import { waitFor } from '../line-waits.js';
import { HandedCalls } from './handed-calls.js';
import { handedRequest, type HandedRequest } from './handed-plan.js';
import type { HandoverRun } from './handover-run.js';

/** So many requests are read at a time, with bodies of so many bytes together, and so many of them are judged at once. */
const page = { lines: 128, bytes: 4 * 1024 * 1024 };
const atOnce = 16;
/** What passes by itself is waited for so often at one request, before the whole is tried again later. */
const mostWaits = 5;
const longestWaitMs = 2_000;

/** The requests of a batch as its provider is given them: each as a call of its key that were sent now. */
@Injectable()
export class WrittenLines {
  constructor(
    private readonly lines: HandedLinesRepository,
    private readonly bodies: LineBodies,
    private readonly calls: HandedCalls,
  ) {}

  /**
   * The text of the provider's input, some requests at a time; nothing where all are refused. A request that is refused gets
   * its line of the error file, which is written before the text ends.
   * @param named told how the provider names the endpoint, before the first of the text.
   * @throws NotHandedOnError for a batch that its provider cannot make, LostBatchError, AppError overloaded.
   */
  async *of(run: HandoverRun, named: (endpoint: string) => void): AsyncGenerator<Buffer, void> {
    let endpoint: string | undefined;
    for (let after = 0; ;) {
      const taken = await run.within((tx) => this.lines.pending(tx, run.batch, after, page));
      const last = taken.at(-1);
      if (last === undefined) return;
      after = last.number;
      const written: string[] = [];
      const refused: HandedResult[] = [];
      const open = await this.bodies.of(run.batch.storageKey, taken);
      while (open.length > 0)
        for (const made of await Promise.all(open.splice(0, atOnce).map((line) => this.made(run, line)))) {
          if ('state' in made) {
            refused.push(made);
            continue;
          }
          if (endpoint === undefined) named((endpoint = made.endpoint));
          if (made.endpoint !== endpoint) throw new NotHandedOnError('its requests go to several endpoints');
          written.push(textOf(made));
        }
      if (refused.length > 0) await run.within((tx) => this.lines.settle(tx, run.batch, refused));
      if (written.length > 0) yield Buffer.from(written.join(''));
    }
  }

  private async made(run: HandoverRun, line: OpenLine): Promise<(HandedRequest & { readonly number: number }) | HandedResult> {
    const { number } = line;
    for (let waits = 0; ; waits += 1) {
      run.signal.throwIfAborted();
      const requestId = newId('request');
      let made: HandedRequest | undefined;
      const outcome = await this.calls.run(run.batch, line, {
        requestId,
        writeDown: (plan) => {
          made = handedRequest(plan, run.handover);
        },
      });
      if (outcome.kind === 'left' && made !== undefined) return { ...(made as HandedRequest), number };
      const error = outcome.kind === 'failed' ? outcome.error : new AppError('internal_error');
      if (error instanceof NotHandedOnError) throw error;
      const passes = waitFor(error, waits, waits);
      if (passes === undefined)
        return { number, state: 'failed', answer: failedLine(line.customId, error, requestId), tokens: undefined };
      if (waits >= mostWaits) throw error;
      await wait(Math.min(passes.waitMs, longestWaitMs), undefined, { signal: run.signal });
    }
  }
}

/** At the provider a request is called by its number: what the client calls it stays here. */
function textOf({ number, endpoint, body }: HandedRequest & { readonly number: number }): string {
  return `{"custom_id":"${number}","method":"POST","url":${JSON.stringify(endpoint)},"body":${body}}\n`;
}

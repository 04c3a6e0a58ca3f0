import { Injectable } from '@nestjs/common';
import { setTimeout as wait } from 'node:timers/promises';
import { AppError } from '../../../kernel/app-error.js';
import { idOf } from '../../../kernel/ids.js';
import type { HandedResult } from '../../batches/handed-lines.repository.js';
import type { GivenAnswer } from '../../inference/call/given-answer.js';
import { withKnownNames, type KnownNames } from '../../provider-jobs/told-texts.js';
import { answeredAlready } from '../../usage/gates/call-size.js';
import { Gates } from '../../usage/gates/gates.js';
import type { OpenLine } from '../line-bodies.js';
import type { LineOutcome } from '../line-reply.js';
import { failedLine } from '../failed-line.js';
import { answeredLine, leftOver, refusedLine, tokensOf, unmadeLine } from '../output-line.js';
import { HandedCalls } from './handed-calls.js';
import type { HandoverRun } from './handover-run.js';
import type { ProviderLine } from './provider-line.js';
import { toldOf } from './told-batch.js';

const mostWaits = 5;
const waitMs = 1_000;

/**
 * What becomes of a provider's answer to a request: it goes the way of every answer, past the guardrails of the key, is given
 * the platform's names and ids, and is booked, however often this is done, once.
 */
@Injectable()
export class AnsweredLines {
  constructor(
    private readonly calls: HandedCalls,
    private readonly gates: Gates,
  ) {}

  /** @throws AppError overloaded where the process has no room for it now. */
  async of(run: HandoverRun, line: OpenLine, { answer, code }: ProviderLine): Promise<HandedResult> {
    const { number, customId } = line;
    if (answer === undefined) return { number, state: 'failed', answer: unansweredLine(customId, code), tokens: undefined };
    const { status } = answer;
    const body = status < 400 ? answer.body : refusalOf(answer.body, toldOf(run.handover, run.batch).names);
    const words = `${run.batch.id} ${number}`;
    const requestId = idOf('request', words);
    const { connectionId, model, sentAt } = run.handover;
    const startedAtMs = (sentAt ?? run.batch.createdAt).getTime();
    const booking = { id: idOf('usage', words, startedAtMs), connectionId, model, startedAtMs };
    for (let waits = 0; ; waits += 1) {
      let isBooked = false;
      const given: GivenAnswer = { status, body, booking, booked: () => (isBooked = true) };
      const outcome = await this.calls.run(run.batch, line, { requestId, given });
      const isBusy = outcome.kind === 'failed' && outcome.error.code === 'overloaded';
      if (isBusy && !isBooked) {
        if (waits >= mostWaits) throw outcome.error;
        await wait(waitMs, undefined, { signal: run.signal });
        continue;
      }
      const result = resultOf(line, outcome, requestId);
      // The provider has made it all the same.
      if (!isBooked) await this.book(run, given, requestId, outcome);
      return result;
    }
  }

  /** Books what a provider has made for a call that is not let through any more. */
  private book({ batch, handover }: HandoverRun, given: GivenAnswer, requestId: string, outcome: LineOutcome): Promise<void> {
    const entry = this.gates.pass([]);
    const tokens = given.status < 300 ? tokensOf(given.body) : undefined;
    const { tenantId, keyId, route } = batch;
    const call = { ...given.booking, tenantId, keyId, requestId, route, endpoint: handover.alias, stream: false };
    const end = {
      status: outcome.kind === 'failed' ? outcome.error.status : 500,
      state: 'interrupted',
      source: tokens == null ? 'none' : 'upstream',
      inputTokens: tokens?.inputTokens ?? 0,
      cachedInputTokens: tokens?.cachedInputTokens ?? 0,
      cacheWriteTokens: tokens?.cacheWriteTokens ?? 0,
      outputTokens: tokens?.outputTokens ?? 0,
      reasoningTokens: tokens?.reasoningTokens ?? 0,
      totalTokens: tokens?.totalTokens ?? 0,
      latencyMs: 0,
      firstTokenMs: null,
      upstreamStatus: given.status,
      providerBatch: true,
    } as const;
    return new Promise<void>((resolve, reject: (error: AppError) => void) => {
      this.gates.reserve(entry, call, answeredAlready, (ticket) => ticket.settle(end, resolve), reject);
    }).then(() => entry.leave());
  }
}

/** A refusal in which the provider's ids of the batch and its files are ours. */
function refusalOf(body: Buffer, names: KnownNames): Buffer {
  return Buffer.from(withKnownNames(body.toString('utf8'), names));
}

function resultOf({ number, customId }: OpenLine, outcome: LineOutcome, requestId: string): HandedResult {
  if (outcome.kind === 'answered') {
    const { status, body } = outcome;
    const tokens = tokensOf(body);
    if (tokens !== null) {
      const answer = answeredLine(customId, { status, requestId, body: body.toString('utf8') });
      return { number, state: status < 400 ? 'done' : 'failed', answer, tokens };
    }
  }
  const error = ofItsOwn(outcome.kind === 'failed' ? outcome.error : new AppError('upstream_error'));
  return { number, state: 'failed', answer: failedLine(customId, error, requestId), tokens: undefined };
}

/** A request never ends as 429: at the provider it had all the time of its batch. */
function ofItsOwn(error: AppError): AppError {
  return error.code === 'rate_limit_exceeded' ? new AppError('upstream_error', { cause: error }) : error;
}

/** The line of a request that a provider has not made. */
export function unansweredLine(customId: string, code: string | undefined): string {
  if (code === 'batch_expired') return unmadeLine(customId, leftOver.expired);
  if (code === 'batch_cancelled') return unmadeLine(customId, leftOver.cancelled);
  return refusedLine(customId, new AppError('upstream_error'));
}

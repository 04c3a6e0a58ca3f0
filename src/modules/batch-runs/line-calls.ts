import { Injectable } from '@nestjs/common';
import { AppError, asAppError } from '../../kernel/app-error.js';
import { newId } from '../../kernel/ids.js';
import { currentTrace } from '../../observability/tracing/current-trace.js';
import type { LineResult } from '../batches/batch-lines.repository.js';
import type { BatchRecord } from '../batches/batch-record.js';
import type { InferenceKind } from '../inference/call/inference-kind.js';
import { InferenceService } from '../inference/inference.service.js';
import { inferenceKinds } from '../inference/kinds/kinds.js';
import { KeyRights } from '../keys/key-rights.js';
import type { Entry } from '../usage/gates/entry.js';
import { Gates } from '../usage/gates/gates.js';
import type { OpenLine } from './line-bodies.js';
import { LineReply, type AnswerMemory, type LineOutcome } from './line-reply.js';
import { failedLine } from './failed-line.js';
import { waitFor, type Wait } from './line-waits.js';
import { answeredBytes, tokensOf } from './output-line.js';

/** Answers that are gathered now have so many bytes together, or there is one. */
const mostGathered = 32 * 1024 * 1024;
/** A request with which so many runs died is not made again: perhaps they died of it. */
const mostDeaths = 25;
const headers = { 'content-type': 'application/json' } as const;
const noTokens = undefined;

/** How a request came out, and what its run is to do about it. */
export interface CallEnd {
  /** Undefined for one that was broken off. */
  readonly result: LineResult | undefined;
  /** Set when it waits. */
  readonly wait: Wait | undefined;
}

/** A request that is being made. */
export interface LineCall {
  readonly end: Promise<CallEnd>;
  /** Breaks it off. */
  leave(): void;
}

/** Makes the requests of batches, each as if its key had sent it now. */
@Injectable()
export class LineCalls implements AnswerMemory {
  private gathered = 0;

  constructor(
    private readonly inference: InferenceService,
    private readonly rights: KeyRights,
    private readonly gates: Gates,
  ) {}

  take(bytes: number, mine: number): boolean {
    if (this.gathered > mine && this.gathered + bytes > mostGathered) return false;
    this.gathered += bytes;
    return true;
  }

  giveBack(bytes: number): void {
    this.gathered -= bytes;
  }

  /** Makes a request. @param throttles how often in a row the batch had to wait before. */
  begin(batch: BatchRecord, line: OpenLine, throttles: () => number): LineCall {
    const reply = new LineReply(this);
    const requestId = newId('request');
    const end = this.outcome(batch, line, reply, requestId).then((outcome) => endOf(line, outcome, requestId, throttles()));
    return { end, leave: () => reply.leave() };
  }

  private async outcome(batch: BatchRecord, line: OpenLine, reply: LineReply, requestId: string): Promise<LineOutcome> {
    const { keyId, ip, route } = batch;
    let entry: Entry | undefined;
    try {
      if (line.deaths >= mostDeaths)
        throw new AppError('internal_error', { message: 'The server broke off this request too often.' });
      const kind = kindOf(route);
      const key = { tenantId: batch.tenantId, keyId, ip };
      const identity = this.rights.recallNow(key, kind.routeId) ?? (await this.rights.recall(key, kind.routeId));
      entry = await this.gates.enterLater(identity.callLimits, (listener) => reply.onGone(listener));
      const [startedAt, trace] = [performance.now(), currentTrace()];
      const request = { identity, requestId, ip, headers, body: line.body, startedAt, entry, trace };
      if (!reply.gone) this.inference.run(kind, request, reply, () => undefined);
      return await reply.outcome;
    } catch (error) {
      return { kind: 'failed', error: asAppError(error) };
    } finally {
      entry?.leave();
    }
  }
}

export function kindOf(route: string): InferenceKind {
  const kind = inferenceKinds.find(({ routeId }) => routeId === route);
  if (kind === undefined) throw new AppError('internal_error', { cause: `no kind of inference serves ${route}` });
  return kind;
}

function endOf(line: OpenLine, outcome: LineOutcome, requestId: string, throttles: number): CallEnd {
  if (outcome.kind === 'left') return { result: undefined, wait: undefined };
  if (outcome.kind === 'failed') return failedEnd(line, outcome.error, requestId, throttles);
  const { status, body } = outcome;
  const tokens = tokensOf(body);
  if (tokens === null) return failedEnd(line, new AppError('upstream_error'), requestId, throttles);
  const answer = answeredBytes(line.customId, { status, requestId, body });
  return ended(line, status < 400 ? 'done' : 'failed', answer, tokens);
}

function failedEnd(line: OpenLine, error: AppError, requestId: string, throttles: number): CallEnd {
  const { number, customId, attempts } = line;
  const wait = line.deaths >= mostDeaths ? undefined : waitFor(error, attempts, throttles);
  if (wait !== undefined) {
    const { attempts: tried, waitMs } = wait;
    return { result: { number, state: 'pending', answer: undefined, attempts: tried, waitMs, tokens: noTokens }, wait };
  }
  return ended(line, 'failed', Buffer.from(failedLine(customId, error, requestId)), noTokens);
}

function ended({ number, attempts }: OpenLine, state: 'done' | 'failed', answer: Buffer, tokens: LineResult['tokens']): CallEnd {
  return { result: { number, state, answer, attempts, waitMs: 0, tokens }, wait: undefined };
}

import { Injectable } from '@nestjs/common';
import { setTimeout as pause } from 'node:timers/promises';
import { Config } from '../../config/config.module.js';
import { AppError } from '../../kernel/app-error.js';
import { newTimedId } from '../../kernel/ids.js';
import { Log } from '../../observability/log.js';
import { Metrics } from '../../observability/metrics.js';
import type { TracedAttempt } from '../../observability/tracing/call-trace.js';
import type { CallEnd } from '../../platform/journal/call-record.js';
import { ModelClient } from '../../platform/ai-sdk/model-client.js';
import { signInSecrets } from '../../platform/upstream/hide-secrets.js';
import { exchange, ExchangeFailedError } from '../../platform/upstream/whole-exchange.js';
import { EndpointDirectory } from '../agents/endpoint-directory.js';
import type { ConnectionTarget } from '../agents/connection-target.js';
import { leftEarly } from '../connections/circuit/call-outcome.js';
import type { LearnedBatch } from '../connections/learned-batch.js';
import { CallTokens } from '../connections/tokens/call-tokens.js';
import type { CallLimit } from '../limits/call-limit.js';
import { LearnedBatchesRepository } from '../connections/learned-batches.repository.js';
import { KeyDirectory } from '../keys/key-directory.js';
import { unlimited } from '../usage/gates/call-size.js';
import type { Entry } from '../usage/gates/entry.js';
import { Gates } from '../usage/gates/gates.js';
import type { Ticket } from '../usage/gates/ticket.js';
import { attemptOf } from './embedding-attempt.js';
import { BatchLimits, embedInParts } from './embedding-batches.js';
import { EmbeddingError } from './embedding-error.js';
import { inOpenAiWords, type EmbeddingReply } from './embedding-exchange.js';
import { callOutcome, failureOf, heldBack, judge, tokensOf, type Outcome } from './embedding-outcome.js';
import { embeddingRequest } from './embedding-request.js';
import { EmbeddingWires } from './embedding-wires.js';

/** Texts to be turned into vectors, and on whose account. */
export interface EmbeddingCall {
  readonly tenantId: string;
  /** The key that the usage is booked on. */
  readonly keyId: string;
  /** `req_…` of the request that the call serves. */
  readonly requestId: string;
  /** What the usage record says: a route's id, or a job's name. */
  readonly route: string;
  readonly connectionId: string;
  readonly model: string;
  readonly texts: readonly string[];
  /** Tokens of the texts as counted here, for a provider that tells none. */
  readonly countedTokens?: number;
  readonly signal: AbortSignal;
  /** How often the call is made at most when the provider is busy or away. Default 1. */
  readonly tries?: number;
}

const longestWaitMs = 30_000;

/**
 * The platform's own embedding calls: admitted and booked like a client's, made through the egress client. No admin
 * plane and no client names the address: it is that of the tenant's connection.
 */
@Injectable()
export class EmbeddingClient {
  private readonly maxBytes: number;
  private readonly limits = new BatchLimits();

  constructor(
    private readonly endpoints: EndpointDirectory,
    private readonly gates: Gates,
    private readonly keys: KeyDirectory,
    private readonly models: ModelClient,
    private readonly wires: EmbeddingWires,
    private readonly metrics: Metrics,
    private readonly learned: LearnedBatchesRepository,
    private readonly log: Log,
    config: Config,
  ) {
    this.maxBytes = config.GT_MAX_UPSTREAM_BYTES;
  }

  /**
   * One vector for each text, in their order, all of one length. Texts that a provider refuses together are asked for in
   * halves; how many it took at last is remembered for its connection and model, and kept on the connection.
   * @throws EmbeddingError `upstream_unavailable`, `upstream_timeout`, `upstream_error` or `rate_limit_exceeded` when the
   * provider does not answer, `invalid_request` with its sentence when it refuses a text by itself; the signal's reason
   * when that fires.
   */
  async embed(call: EmbeddingCall): Promise<Float32Array[]> {
    if (call.texts.length === 0) return [];
    const { connections } = await this.endpoints.of(call.tenantId);
    const connection = [...connections.values()].find(({ id }) => id === call.connectionId);
    if (connection === undefined)
      throw new EmbeddingError('upstream_unavailable', false, { message: 'The connection of the embedding model is gone.' });
    const limit = this.limits.of(call.connectionId, call.model, connection, (learned) => this.keep(call, connection, learned));
    return embedInParts(call.texts, limit, (texts) => this.persistently(partOf(call, texts), connection));
  }

  /** The vectors are there already: a limit that cannot be kept is learned again by others, and told later. */
  private async keep(
    { tenantId, connectionId }: EmbeddingCall,
    { origin, embeddingBatchSize }: ConnectionTarget,
    learned: LearnedBatch,
  ): Promise<void> {
    try {
      await this.learned.keep({ tenantId, connectionId, origin, embeddingBatchSize }, learned);
    } catch (error) {
      this.log.failure(error, { tenant_id: tenantId, connection_id: connectionId });
    }
  }

  /** One call, made again while that may help: at once with another token, or once with those of its login; else after a while. */
  private async persistently(call: EmbeddingCall, connection: ConnectionTarget): Promise<Float32Array[]> {
    let { tokens, signIn } = await usable(() => beginAt(connection));
    let isRenewed = false;
    for (let tried = 1; ;) {
      call.signal.throwIfAborted();
      const entry = this.gates.pass(await this.limitsOf(call));
      const outcome = await this.once(call, entry, connection, signIn).finally(() => entry.leave());
      if (outcome.vectors !== undefined) return outcome.vectors;
      const { status = 0, waitMs } = outcome;
      const otherToken = tokens.insteadOf({ status, waitMs }, true);
      if (otherToken !== undefined) {
        signIn = otherToken;
        continue;
      }
      if (status === 401 && !isRenewed) {
        isRenewed = true;
        const other = await usable(() => connection.login?.insteadOf(signIn));
        if (other !== undefined) {
          signIn = other;
          continue;
        }
      }
      if (!outcome.error.mayPass || tried >= (call.tries ?? 1)) throw outcome.error;
      const usualMs = 250 * 2 ** tried * (0.75 + Math.random() / 2);
      await pause(Math.min(outcome.waitMs ?? usualMs, longestWaitMs), undefined, { signal: call.signal });
      tried += 1;
      ({ tokens, signIn } = await usable(() => beginAt(connection)));
    }
  }

  private async once(
    call: EmbeddingCall,
    entry: Entry,
    connection: ConnectionTarget,
    signIn: readonly string[],
  ): Promise<Outcome> {
    const { model, texts, requestId } = call;
    const upstream = await usable(() => embeddingRequest({ connection, model, texts, requestId, signIn }, this.wires));
    const startedAt = performance.now();
    let attempt: TracedAttempt | undefined;
    const ticket = await this.reserved(call, entry, connection.name);
    const settle = (status: number, state: CallEnd['state'], upstreamStatus: number | null, reply?: EmbeddingReply): void => {
      const end = {
        status,
        state,
        ...tokensOf(reply, call.countedTokens),
        latencyMs: performance.now() - startedAt,
        firstTokenMs: null,
        upstreamStatus,
      };
      ticket.settle(end, () => undefined);
      attempt?.settled(end, null);
      this.metrics.calls.add(call.route, state);
      this.metrics.tokens.add('input', undefined, end.inputTokens);
    };
    const passage = connection.circuit.enter();
    if (passage.refused !== undefined) {
      const outcome = heldBack(passage);
      settle(outcome.error.status, 'upstream_failed', null);
      return outcome;
    }
    try {
      const client = this.models.clientOf(connection);
      attempt = attemptOf(call, connection);
      const headers = [...upstream.call.headers, ...(attempt?.headers ?? [])];
      const given = await exchange(client, { ...upstream.call, headers, tenantId: call.tenantId }, this.maxBytes, call.signal);
      const reply = inOpenAiWords(given, upstream.words);
      const outcome = judge(reply, call.texts.length, {
        model: call.model,
        secrets: [...connection.secretTexts, ...signInSecrets(signIn)],
      });
      passage.end(callOutcome(reply, outcome));
      if (outcome.vectors === undefined) settle(outcome.error.status, 'upstream_failed', given.status);
      else settle(200, 'completed', given.status, reply);
      return outcome;
    } catch (error) {
      if (!(error instanceof ExchangeFailedError)) {
        settle(499, 'interrupted', null);
        throw error;
      }
      const failed = failureOf(error);
      passage.end(callOutcome(error, { error: failed }));
      settle(failed.status, 'upstream_failed', null);
      return { error: failed };
    } finally {
      passage.end(leftEarly);
    }
  }

  /** The key's and its tenant's; a deleted key has none. */
  private async limitsOf({ tenantId, keyId }: EmbeddingCall): Promise<readonly CallLimit[]> {
    const identity = this.keys.recallNow(tenantId, keyId) ?? (await this.keys.recall(tenantId, keyId));
    return identity?.callLimits ?? [];
  }

  /** What works on a file waits for its limits, a question does not. @throws AppError token_limit_exceeded. */
  private async reserved(call: EmbeddingCall, entry: Entry, connectionName: string): Promise<Ticket> {
    for (;;) {
      try {
        return await this.reserve(call, entry, connectionName);
      } catch (error) {
        if (call.tries === undefined || !(error instanceof AppError) || error.headers['retry-after-ms'] === undefined)
          throw error;
        await pause(Math.min(Number(error.headers['retry-after-ms']), longestWaitMs), undefined, { signal: call.signal });
      }
    }
  }

  private reserve(call: EmbeddingCall, entry: Entry, connectionName: string): Promise<Ticket> {
    const { tenantId, keyId, requestId, route, connectionId, model } = call;
    const endpoint = `${connectionName}/${model}`;
    const startedAtMs = Date.now();
    const start = {
      id: newTimedId('usage', startedAtMs),
      tenantId,
      keyId,
      requestId,
      route,
      endpoint,
      connectionId,
      model,
      stream: false,
      startedAtMs,
    };
    const bytes = call.texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
    return new Promise((resolve, reject: (error: AppError) => void) =>
      this.gates.reserve(entry, start, { ...unlimited, bytes }, resolve, reject),
    );
  }
}

/** The call for some of its texts, with their share of the counted tokens. */
function partOf(call: EmbeddingCall, texts: readonly string[]): EmbeddingCall {
  if (texts.length === call.texts.length || call.countedTokens === undefined) return { ...call, texts };
  const lengthOf = (some: readonly string[]): number => some.reduce((sum, text) => sum + text.length, 0);
  return { ...call, texts, countedTokens: Math.ceil((call.countedTokens * lengthOf(texts)) / Math.max(1, lengthOf(call.texts))) };
}

/** What a connection gives. @throws EmbeddingError when it cannot be used. */
async function usable<T>(given: () => T | Promise<T>): Promise<T> {
  try {
    return await given();
  } catch (cause) {
    if (!(cause instanceof AppError)) throw cause;
    throw new EmbeddingError(cause.code, false, { message: cause.message, cause });
  }
}

/** The tokens that a call may try, and what signs in first. */
async function beginAt({ login, tokens }: ConnectionTarget): Promise<{ tokens: CallTokens; signIn: readonly string[] }> {
  const own = new CallTokens(tokens);
  return { tokens: own, signIn: login === null ? own.begin() : await login.get() };
}

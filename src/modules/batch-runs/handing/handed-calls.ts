import { Injectable } from '@nestjs/common';
import { AppError, asAppError } from '../../../kernel/app-error.js';
import type { BatchRecord } from '../../batches/batch-record.js';
import type { InferenceRequest } from '../../inference/call/inference-request.js';
import { InferenceService } from '../../inference/inference.service.js';
import { KeyRights } from '../../keys/key-rights.js';
import { Gates } from '../../usage/gates/gates.js';
import { kindOf } from '../line-calls.js';
import type { OpenLine } from '../line-bodies.js';
import { LineReply, type LineOutcome } from '../line-reply.js';
import { isOfRights } from '../line-waits.js';

/** A call of a request that is not sent by itself. */
export type HandedCall = Pick<InferenceRequest, 'writeDown' | 'given'> & { readonly requestId: string };

const headers = { 'content-type': 'application/json' } as const;
/** Whoever makes these calls bounds how many there are at a time. */
const memory = { take: () => true, giveBack: () => undefined };

/** Has requests of batches judged and planned, and their answers read, as if their key had sent them now. */
@Injectable()
export class HandedCalls {
  constructor(
    private readonly inference: InferenceService,
    private readonly rights: KeyRights,
    private readonly gates: Gates,
  ) {}

  /** How the call came out. One that is written down does so elsewhere, unless it fails. */
  async run(batch: BatchRecord, line: OpenLine, call: HandedCall): Promise<LineOutcome> {
    const { tenantId, keyId, ip, route } = batch;
    const reply = new LineReply(memory);
    // The provider makes the calls, or has made them: what it limits is its own matter.
    const entry = this.gates.pass([]);
    try {
      const kind = kindOf(route);
      const identity = await this.rights.recall({ tenantId, keyId, ip }, kind.routeId);
      const { writeDown } = call;
      const written = new Promise<LineOutcome>((resolve) => {
        if (writeDown === undefined) return;
        call = { ...call, writeDown: (plan) => resolve(outcomeOf(() => writeDown(plan))) };
      });
      const request = { identity, ip, headers, body: line.body, startedAt: performance.now(), entry, ...call };
      this.inference.run(kind, request, reply, () => undefined);
      return await Promise.race([reply.outcome, written]);
    } catch (error) {
      return { kind: 'failed', error: asAppError(error) };
    } finally {
      entry.leave();
    }
  }

  /** Why the batch's key may make no such calls any more; undefined: it may. @throws AppError where that cannot be told. */
  async refusal({ tenantId, keyId, ip, route }: BatchRecord): Promise<AppError | undefined> {
    try {
      await this.rights.recall({ tenantId, keyId, ip }, kindOf(route).routeId);
      return undefined;
    } catch (error) {
      if (error instanceof AppError && isOfRights(error)) return error;
      throw error;
    }
  }
}

function outcomeOf(work: () => void): LineOutcome {
  try {
    work();
    return { kind: 'left' };
  } catch (error) {
    return { kind: 'failed', error: asAppError(error) };
  }
}

import { hash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { IdempotencyRun } from './idempotency-run.js';
import { RunTools } from './run-tools.js';

export interface KeyedRequest {
  readonly tenantId: string;
  /** The API key; each has Idempotency-Keys of its own. */
  readonly keyId: string;
  /** The header's text. */
  readonly idempotencyKey: string;
  /** `req_…`: names the run that holds the key. */
  readonly requestId: string;
}

/** Repeats of a POST under an `Idempotency-Key`: done once, answered again for 24 hours, over all processes. */
@Injectable()
export class IdempotencyService {
  constructor(private readonly tools: RunTools) {}

  /** The run of a request. Nothing is written before it claims its key. */
  begin({ tenantId, keyId, idempotencyKey, requestId }: KeyedRequest): IdempotencyRun {
    return new IdempotencyRun(this.tools, { tenantId, keyId, id: hash('sha256', idempotencyKey, 'hex'), owner: requestId });
  }
}

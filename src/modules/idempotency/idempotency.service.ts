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

/** What is stored in the place of an `Idempotency-Key`. */
export function idempotencyId(idempotencyKey: string): string {
  return hash('sha256', idempotencyKey, 'hex');
}

/** Repeats of a POST under an `Idempotency-Key`: done once, answered again for 24 hours, over all processes. */
@Injectable()
export class IdempotencyService {
  constructor(private readonly tools: RunTools) {}

  /** The run of a request. Nothing is written before it claims its key. */
  begin({ idempotencyKey, ...request }: KeyedRequest): IdempotencyRun {
    return this.beginAs({ ...request, id: idempotencyId(idempotencyKey) });
  }

  /** The same for a request whose key is known by its hash: an approved call is made under that of the request that was held. */
  beginAs({ tenantId, keyId, requestId, id }: Omit<KeyedRequest, 'idempotencyKey'> & { readonly id: string }): IdempotencyRun {
    return new IdempotencyRun(this.tools, { tenantId, keyId, id, owner: requestId });
  }
}

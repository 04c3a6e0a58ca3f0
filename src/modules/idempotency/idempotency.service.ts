import { hash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { IdempotencyRun, openedAnswer } from './idempotency-run.js';
import { RunTools } from './run-tools.js';
import type { StoredAnswer } from './stored-answer.js';

export interface KeyedRequest {
  readonly tenantId: string;
  /** The API key; each has Idempotency-Keys of its own. */
  readonly keyId: string;
  /** The header's text. */
  readonly idempotencyKey: string;
  /** `req_…`: names the run that holds the key. */
  readonly requestId: string;
}

/** The same with what is stored in the place of the header's text. */
type KeyHash = Omit<KeyedRequest, 'idempotencyKey'> & { readonly id: string };

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
  beginAs({ tenantId, keyId, requestId, id }: KeyHash): IdempotencyRun {
    return new IdempotencyRun(this.tools, { tenantId, keyId, id, owner: requestId });
  }

  /** The answer that this request has kept; undefined when it has kept none. */
  async keptBy({ tenantId, keyId, requestId, id }: KeyHash): Promise<StoredAnswer | undefined> {
    const run = { tenantId, keyId, id, owner: requestId };
    const answer = await this.tools.requests.answerOf(run);
    return answer && openedAnswer(this.tools.keyRing, run, answer);
  }
}

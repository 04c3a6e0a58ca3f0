import type { FastifyReply } from 'fastify';
import type { StoredAnswer } from '../../modules/idempotency/stored-answer.js';

/** Thrown out of a handler whose request was answered before: no fault, the filter sends that answer again. */
export class RepeatedAnswer extends Error {
  constructor(readonly answer: StoredAnswer) {
    super('the request was answered before');
    this.name = 'RepeatedAnswer';
  }
}

/** Sends a kept answer, which says that it is one. The headers of every reply are the new reply's own. */
export function sendAgain(reply: FastifyReply, { status, headers, body }: StoredAnswer): void {
  void reply
    .code(status)
    .headers(headers)
    .header('idempotent-replayed', 'true')
    .send(body.length === 0 ? undefined : body);
}

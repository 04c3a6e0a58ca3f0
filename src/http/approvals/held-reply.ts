import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AppError } from '../../kernel/app-error.js';
import { approvalOf } from '../../modules/approvals/approval-object.js';
import { statusOf, type ApprovalRecord } from '../../modules/approvals/approval-record.js';
import { tenantBase } from '../routing/gt-route.decorator.js';
import { publicOrigin } from '../routing/public-origin.js';
import { replyError } from '../reply/error-reply.js';
import { jsonType, sendWhole } from '../reply/whole-reply.js';

/** How long whoever waits for a person is asked to wait before the next look, in seconds. */
const lookSeconds = '5';

/** Where the approval is, for clients. */
export function approvalUrl(request: FastifyRequest, id: string): string {
  return `${publicOrigin(request, { GT_PUBLIC_URL: request.server.gtPublicUrl })}${tenantBase}/approvals/${id}`;
}

/**
 * Answers a request that is held: 202 with the approval to who says that it can wait (RFC 7240), else 403 with where to ask.
 * Official clients of OpenAI take 202 for the answer itself, so it is never sent unasked.
 */
export function replyHeld(request: FastifyRequest, reply: FastifyReply, record: ApprovalRecord): void {
  const url = approvalUrl(request, record.id);
  if (!asksAsync(request.headers.prefer)) return replyError(request, reply, approvalRequired(record, url));
  const headers = [...jsonType, 'location', url, 'preference-applied', 'respond-async', 'retry-after', lookSeconds];
  sendWhole(request, reply, 202, Buffer.from(JSON.stringify(approvalOf(record, url))), headers);
}

/** The refusal of a call that waits, with the id of its approval. */
export function approvalRequired({ id }: ApprovalRecord, url: string): AppError {
  return new AppError('approval_required', {
    message: `This call is held until it is approved (${id}). Ask for its result at ${url}/result.`,
    headers: { location: url },
  });
}

/** Why a call has no result, or none yet. @throws AppError unless it has one. */
export function refuseWithoutResult(record: ApprovalRecord): void {
  switch (statusOf(record)) {
    case 'pending':
      throw pending('The approval has not been decided yet.');
    case 'approved':
      throw pending('The call was approved and has not ended yet.');
    case 'rejected':
      throw new AppError('approval_rejected', {
        message: record.reason === null ? 'This call was rejected.' : `This call was rejected: ${record.reason}`,
      });
    case 'expired':
      throw new AppError('approval_expired', { message: 'This call was not approved in time. It was not run.' });
    case 'completed':
      if (record.keptUntil === null || record.keptUntil.getTime() <= Date.now())
        throw new AppError('approval_expired', { message: 'The result of this call is not kept any longer.' });
  }
}

/** Sends the result of a call as the call was answered: its status, its type, its bytes. */
export function sendResult(
  reply: FastifyReply,
  { status, headers, resultBytes }: ApprovalRecord,
  bytes: AsyncIterable<Buffer>,
): void {
  void reply
    .code(status ?? 500)
    .headers(headers as Record<string, string>)
    .header('content-length', String(resultBytes))
    .send(resultBytes === 0 ? undefined : Readable.from(bytes, { objectMode: false }));
}

function pending(message: string): AppError {
  return new AppError('approval_pending', { message, headers: { 'retry-after': lookSeconds } });
}

function asksAsync(prefer: string | string[] | undefined): boolean {
  return String(prefer ?? '')
    .split(',')
    .some((one) => /^\s*respond-async\s*(?:;|$)/i.test(one));
}

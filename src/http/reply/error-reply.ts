import type { FastifyReply, FastifyRequest } from 'fastify';
import { AppError } from '../../kernel/app-error.js';
import { jsonType, sendWhole } from './whole-reply.js';

/** Writes an error as the whole reply, in OpenAI's form (contract section 5). */
export function replyError(request: FastifyRequest, reply: FastifyReply, error: AppError): void {
  request.gt.errorCode = error.code;
  if (reply.sent || reply.raw.headersSent) {
    reply.raw.destroy();
    return;
  }
  const headers = errorHeaders(error);
  // Who waited for leave to send the body will not send it now: what comes next on this connection would be taken for it.
  if (request.headers.expect !== undefined && !request.raw.complete && !request.gt.frame.isLeaving)
    headers.push('connection', 'close');
  const body = JSON.stringify(error.body());
  if (request.gt.idempotency === undefined) return sendWhole(request, reply, error.status, Buffer.from(body), headers);
  // An answer that is kept goes through Fastify's hooks, where it is kept.
  for (let at = 0; at < headers.length; at += 2) void reply.header(headers[at] ?? '', headers[at + 1]);
  void reply.code(error.status).send(body);
}

/** Headers of an error's answer, names and values in turn. */
export function errorHeaders({ status, headers }: AppError): string[] {
  const pairs = [...jsonType];
  for (const [name, value] of Object.entries(headers)) pairs.push(name, value);
  if (status === 401) pairs.push('www-authenticate', 'Bearer');
  return pairs;
}

interface FrameworkError {
  readonly code?: string;
  readonly statusCode?: number;
  readonly status?: number;
}

const frameworkCodes: Readonly<Record<string, AppError['code']>> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'unsupported_media_type',
  FST_ERR_CTP_BODY_TOO_LARGE: 'payload_too_large',
  FST_ERR_BAD_URL: 'unknown_url',
  FST_ERR_MAX_PARAM_LENGTH: 'unknown_url',
  FST_ERR_ASYNC_CONSTRAINT: 'unknown_url',
};

/** Any thrown thing as an AppError. What the framework refused keeps its meaning, all else is an internal error. */
export function toAppError(thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown;
  const { code, statusCode, status } = (typeof thrown === 'object' && thrown !== null ? thrown : {}) as FrameworkError;
  const named = code === undefined ? undefined : frameworkCodes[code];
  if (named !== undefined) return new AppError(named, { cause: thrown });
  const httpStatus = statusCode ?? status ?? 500;
  if (httpStatus === 404) return new AppError('unknown_url', { cause: thrown });
  if (httpStatus === 413) return new AppError('payload_too_large', { cause: thrown });
  if (httpStatus === 415) return new AppError('unsupported_media_type', { cause: thrown });
  if (httpStatus >= 400 && httpStatus < 500) return new AppError('invalid_request', { cause: thrown });
  return new AppError('internal_error', { cause: thrown });
}

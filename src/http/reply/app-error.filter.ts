import { Catch, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Log } from '../../observability/log.js';
import { RepeatedAnswer, sendAgain } from './repeated-answer.js';
import { replyError, toAppError } from './error-reply.js';

/** The one place where something thrown by a handler becomes a reply. Unexpected errors are logged, never shown. */
@Catch()
export class AppErrorFilter implements ExceptionFilter {
  constructor(private readonly log: Log) {}

  catch(thrown: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    if (thrown instanceof RepeatedAnswer) return sendAgain(reply, thrown.answer);
    const error = toAppError(thrown);
    if (error.status >= 500) this.log.failure(error, { request_id: request.gt.requestId });
    replyError(request, reply, error);
  }
}

import type { Server } from 'node:http';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { fastify, type FastifyReply, type FastifyRequest, type FastifyHttpOptions } from 'fastify';
import { replyError, toAppError } from './reply/error-reply.js';
import { answerUnmatched } from './routing/unmatched.js';

/**
 * Nest's Fastify adapter with our answers to what matches no route and to what goes wrong before a handler runs.
 * Nest would put its own in their place, in a form that no OpenAI client reads. It has no middleware, CORS, CSRF or
 * versions of Nest's: the hooks that Nest adds for them would run empty in every request.
 */
export class GtAdapter extends FastifyAdapter {
  /** Told of each error that nobody expected. */
  onUnexpected: (error: unknown, request: FastifyRequest) => void = () => undefined;

  constructor(options: FastifyHttpOptions<Server>) {
    const instance = fastify(options);
    const { addHook } = instance;
    instance.addHook = () => instance;
    super(Object.assign(instance, { multipart: false, skipMiddie: true }));
    instance.addHook = addHook;
  }

  override setNotFoundHandler(): ReturnType<FastifyAdapter['setNotFoundHandler']> {
    return this.instance.setNotFoundHandler((request, reply) =>
      answerUnmatched(request as FastifyRequest, reply as unknown as FastifyReply),
    );
  }

  override setErrorHandler(): ReturnType<FastifyAdapter['setErrorHandler']> {
    return this.instance.setErrorHandler((thrown, request, reply) => {
      const error = toAppError(thrown);
      if (error.code === 'internal_error') this.onUnexpected(thrown, request as FastifyRequest);
      replyError(request as FastifyRequest, reply as unknown as FastifyReply, error);
    });
  }
}

import type { FastifyReply } from 'fastify';

/** The media type of our JSON. */
export const jsonMediaType = 'application/json; charset=utf-8';

/** For a handler that has its answer as JSON already: the handler returns what this returns. */
export function sendJson(reply: FastifyReply, json: string): string {
  void reply.type(jsonMediaType);
  return json;
}
